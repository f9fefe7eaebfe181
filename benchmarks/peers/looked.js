// What a person who looks at a report's page would object to, as plain data: called in the page by by_browser.py.
// `width` is what there is to show the page in, in CSS pixels.
(width) => {
  const SPARE = 1.5; // pixels that rounding and a stroke's half may stand out
  const named = (element) => {
    const own = element.id ? "#" + element.id : element.className && element.className.baseVal === undefined
      ? "." + String(element.className).trim().split(/\s+/).join(".") : "";
    return element.tagName.toLowerCase() + own + ": " + (element.textContent || "").trim().replace(/\s+/g, " ").slice(0, 60);
  };
  const box = (element) => element.getBoundingClientRect();
  const seen = (rectangle) => rectangle.width > 0 && rectangle.height > 0;
  // What a closed fold holds has a place and is not seen.
  const shown = (element) => element.checkVisibility() && seen(box(element));
  const scrolls = (element) => ["auto", "scroll"].includes(getComputedStyle(element).overflowX);
  const parents = (element) => {
    const found = [];
    for (let up = element.parentElement; up && up !== document.body; up = up.parentElement) found.push(up);
    return found;
  };

  // Boxes that stand out of the page, where nothing scrolls; and boxes that hide what they hold.
  const outside = [], hidden = [];
  for (const element of document.querySelectorAll("main, main *:not(svg *)")) {
    const place = box(element);
    if (!shown(element) || parents(element).some(scrolls)) continue;
    if (place.left < -SPARE || place.right > width + SPARE) outside.push(named(element));
    const style = getComputedStyle(element);
    const cuts = ["hidden", "clip"].includes(style.overflowX) || ["hidden", "clip"].includes(style.overflowY);
    if (cuts && (element.scrollWidth > element.clientWidth + SPARE || element.scrollHeight > element.clientHeight + SPARE))
      hidden.push(named(element));
  }

  // Words that are wider than the box that should hold them: they run into what stands beside it.
  const spilt = [];
  for (const element of document.querySelectorAll("main *:not(svg *)")) {
    const style = getComputedStyle(element);
    if (element.scrollWidth > element.clientWidth + SPARE && element.clientWidth > 0 && shown(element) && !scrolls(element)
        && style.display !== "inline" && !parents(element).some((up) => up.tagName === "TABLE")
        && !element.querySelector(".wide, table, svg")) spilt.push(named(element));
  }

  // Each chart: drawn, with marks that have a size, nothing of it outside its picture, no label cut or on another.
  const charts = [...document.querySelectorAll(".plot")].map((plot) => {
    const svg = plot.querySelector("svg");
    const told = {id: plot.id, alt: (plot.getAttribute("aria-label") || "").trim(), marks: 0, width: 0, height: 0,
                  outside: [], cut: [], overlapping: [], wider: false};
    if (!svg) return told;
    const frame = box(svg), room = box(plot);
    told.width = Math.round(frame.width);
    told.height = Math.round(frame.height);
    told.wider = frame.right > room.right + SPARE || frame.left < room.left - SPARE;
    const marks = [...svg.querySelectorAll(".role-mark path, .role-mark line, .role-mark text")];
    told.marks = marks.filter((mark) => mark.tagName !== "g" && (box(mark).width > 0 || box(mark).height > 0)).length;
    const texts = [...svg.querySelectorAll("text")].filter((text) => text.textContent.trim() && seen(box(text))
      && Number(getComputedStyle(text).opacity) > 0);
    for (const text of texts) {
      const place = box(text);
      if (place.left < frame.left - SPARE || place.right > frame.right + SPARE
          || place.top < frame.top - SPARE || place.bottom > frame.bottom + SPARE) told.outside.push(text.textContent);
      if (text.textContent.trim().endsWith("…")) told.cut.push(text.textContent);
    }
    const near = 1; // a label's box has air of its own above and below
    for (let one = 0; one < texts.length; one++)
      for (let other = one + 1; other < texts.length; other++) {
        const a = box(texts[one]), b = box(texts[other]);
        const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (across > near && down > Math.min(a.height, b.height) / 3)
          told.overlapping.push(texts[one].textContent + " | " + texts[other].textContent);
      }
    return told;
  });

  // Sections that say nothing, tables without a line, and what a program says when it has nothing to say.
  const empty = [...document.querySelectorAll("section")]
    .filter((section) => [...section.children].every((child) => child.tagName === "H2" || !child.textContent.trim()))
    .map(named);
  for (const table of document.querySelectorAll("table")) if (!table.querySelector("tbody tr")) empty.push(named(table));
  const prose = document.querySelector("main").cloneNode(true);
  for (const code of prose.querySelectorAll("code, style, script")) code.remove();
  const machine = [];
  const walk = document.createTreeWalker(prose, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const word = walk.currentNode.textContent.match(/\b(NaN|undefined|None|nan|null|Infinity|\[object)\b/);
    if (word) machine.push(walk.currentNode.textContent.trim().slice(0, 80));
  }

  const levels = [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].map((head) => Number(head.tagName[1]));
  const ids = [...document.querySelectorAll("main [id]")].map((element) => element.id);
  return {
    drawn: Number(document.body.getAttribute("data-drawn") || -1),
    scroll: document.documentElement.scrollWidth,
    outside, hidden, spilt, charts, empty, machine,
    first: levels.filter((level) => level === 1).length,
    jumps: levels.filter((level, place) => place && level > levels[place - 1] + 1).length,
    twice: ids.filter((id, place) => ids.indexOf(id) !== place),
    links: [...document.querySelectorAll("a[href^='#']")].map((link) => link.getAttribute("href"))
      .filter((target) => !document.querySelector(target)),
    small: [...document.querySelectorAll("main *:not(svg *)")].filter((element) => shown(element) && element.firstChild
      && element.firstChild.nodeType === 3 && parseFloat(getComputedStyle(element).fontSize) < 11).map(named),
  };
}
