"""What people look at: pictures and tables made of the JSON that the commands and the service give.

Others use `terminal` for tables, `waterfall.waterfall` for a score in the terminal and `picture.waterfall_svg` for a
picture of it.
"""
