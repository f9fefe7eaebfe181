"""How the report looks: on a desk, on a phone, on paper. One column, calm, with figures that line up."""

from __future__ import annotations

from pipeline.views.palette import AGAINST, FAINT, FONT, FOR, INK, LINE, NEUTRAL, OCHRE, SOFT

CSS = f"""
*{{box-sizing:border-box}}
html{{-webkit-text-size-adjust:100%}}
body{{font:16px/1.55 {FONT};color:{INK};background:#fff;margin:0;font-variant-numeric:tabular-nums}}
main{{max-width:980px;margin:0 auto;padding:0 20px 80px}}
.top{{border-bottom:1px solid {LINE};margin-bottom:28px;padding:44px 0 20px}}
.top p{{color:{SOFT};margin:.3em 0 0}}
h1{{font-size:30px;line-height:1.2;margin:0;letter-spacing:-.01em}}
h2{{font-size:22px;line-height:1.25;margin:56px 0 10px;padding-top:14px;border-top:1px solid {LINE}}}
h3{{font-size:16px;margin:32px 0 8px}}
p{{margin:.5em 0;max-width:74ch}}
ul{{margin:.5em 0;padding-left:1.2em;max-width:74ch}}
code{{font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}}
nav{{font-size:14px;display:flex;flex-wrap:wrap;gap:4px 16px;margin-top:14px}}
nav a{{color:{FOR};text-decoration:none}}
.verdict{{background:{FAINT};border-left:4px solid {FOR};border-radius:4px;padding:16px 20px;
font-size:18px;line-height:1.6}}
.verdict p{{margin:0}}
.verdict p+p{{margin-top:.7em}}
.note{{color:{SOFT}}}
small{{display:block;color:{SOFT};font-size:12px;line-height:1.35}}
.wide{{overflow-x:auto;margin:10px 0;background:linear-gradient(90deg,#fff 40%,#fff0) left/48px 100% no-repeat local,
linear-gradient(270deg,#fff 40%,#fff0) right/48px 100% no-repeat local,
linear-gradient(90deg,#1f232826,#1f232800) left/14px 100% no-repeat scroll,
linear-gradient(270deg,#1f232826,#1f232800) right/14px 100% no-repeat scroll}}
table{{border-collapse:collapse;font-size:14px;min-width:100%}}
th,td{{text-align:right;vertical-align:top;padding:7px 0 7px 18px;border-bottom:1px solid {FAINT}}}
th{{font-weight:600;color:{SOFT};border-bottom:1px solid {LINE};white-space:nowrap;vertical-align:bottom}}
th:first-child,td:first-child{{text-align:left;padding-left:0;min-width:9em}}
.text td,.text th{{text-align:left;max-width:60ch}}
.wide:not(.text) td:not(:first-child) small{{white-space:nowrap}}
.text td:last-child{{min-width:15em}}
figure{{margin:18px 0;min-width:0}}
figcaption{{font-size:14px;font-weight:600;margin-bottom:6px}}
.plot{{width:100%;min-height:60px}}
.plot svg{{display:block;max-width:100%;height:auto}}
.row{{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,290px),1fr));gap:0 28px;align-items:start}}
.row figure{{display:grid;grid-template-rows:subgrid;grid-row:span 3;grid-template-columns:minmax(0,1fr)}}
.row figcaption{{align-self:end}}
details{{font-size:13px;color:{SOFT};margin-top:4px}}
summary{{cursor:pointer}}
.few,.warning{{color:{OCHRE};font-weight:600;font-size:12px}}
.error{{color:{AGAINST};font-weight:600}}
.lead{{border:1px solid {LINE};border-radius:8px;padding:14px 16px 10px;margin:12px 0}}
.lead header{{display:flex;flex-wrap:wrap;gap:2px 16px;align-items:baseline;margin-bottom:8px;color:{SOFT}}}
.lead header strong{{color:{INK}}}
.lead header span:first-of-type{{font-size:20px;font-weight:700;color:{INK}}}
.reason{{display:grid;grid-template-columns:minmax(0,5fr) minmax(0,4fr) 52px;gap:12px;align-items:center;padding:4px 0;
border-top:1px solid {FAINT};font-size:14px}}
.track{{position:relative;height:14px}}
.track i{{position:absolute;top:0;bottom:0;border-radius:2px;max-width:100%}}
.for{{background:{FOR}}}
.against{{background:{AGAINST}}}
.mark{{background:{NEUTRAL}}}
.amount{{text-align:right}}
footer{{color:{SOFT};font-size:13px;margin-top:60px;border-top:1px solid {LINE};padding-top:12px}}
@media (max-width:600px){{
th,td{{padding-left:12px}}
th:first-child,td:first-child{{min-width:7em}}
.fold table,.fold tbody,.fold tr,.fold td{{display:block}}
.fold thead{{display:none}}
.fold tr{{border-bottom:1px solid {LINE};padding:8px 0}}
.fold td,.fold td:first-child{{border:0;padding:1px 0;min-width:0;max-width:none}}
.fold td[data-head]{{padding-left:5.5em;position:relative}}
.fold td[data-head]::before{{content:attr(data-head);position:absolute;left:0;color:{SOFT}}}
main{{padding:0 16px 60px}}
h1{{font-size:25px}}
.verdict{{font-size:16px;padding:12px 14px}}
.reason{{grid-template-columns:minmax(0,1fr) 52px}}
.track{{grid-column:1/-1;grid-row:2;height:10px}}
}}
@media print{{
body{{font-size:10.5pt}}
table{{font-size:9pt}}
small,details{{font-size:8.5pt}}
th{{white-space:normal}}
th,td{{padding:4px 0 4px 10px}}
main{{max-width:none;padding:0}}
nav,summary{{display:none}}
h2{{break-after:avoid;margin-top:28px}}
h3{{break-after:avoid}}
figure,.lead,tr,.verdict{{break-inside:avoid}}
.wide{{overflow:visible;background:none}}
.row{{grid-template-columns:repeat(auto-fit,minmax(200px,1fr))}}
*{{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
}}
"""
