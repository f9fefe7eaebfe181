"""What people look at: pictures and tables made of the JSON that the commands and the service give.

Others use `waterfall.waterfall` for a terminal and `picture.waterfall_svg` for a picture.
"""
