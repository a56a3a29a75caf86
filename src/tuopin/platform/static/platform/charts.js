// Draws each chart of a page from its own table (docs/decisions/0030): what the picture shows, the table says.
(function () {
  "use strict";

  // Okabe and Ito's colours, told apart by readers who see colours otherwise; verdicts have a pattern as well.
  const COLOURS = ["#17568c", "#d98100", "#2a9d74", "#b5577f", "#4fa3d9", "#6f6420", "#c8501e", "#555d66"];
  const SYMBOLS = ["circle", "rect", "triangle", "diamond", "pin", "arrow", "roundRect", "emptyCircle"];
  const DASHES = ["solid", "dashed", "dotted", [8, 3, 2, 3], [2, 2], [12, 4], "solid", "dashed"];
  const INK = "#1d2329";
  const lines = (rotation, gap) => ({ symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, gap], rotation: rotation, color: "rgba(255,255,255,.75)" });
  const TONES = {
    "met": { color: "#2f7d55" },
    "not-met": { color: "#b8402f", decal: lines(-Math.PI / 4, 5) },
    "unknown": { color: "#d9a441", decal: { symbol: "circle", symbolSize: .7, dashArrayX: [[6, 6], [0, 6, 6, 0]], dashArrayY: [6, 0], color: "rgba(0,0,0,.45)" } },
    "not-applicable": { color: "#c3cad1", decal: lines(Math.PI / 2, 6) },
  };
  const HATCH = { color: "#eceff1", decal: { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 6], rotation: -Math.PI / 4, color: "rgba(80,90,100,.55)" } };
  // From light to dark in one hue: order is seen without telling hues apart.
  const STEPS = ["#e3edf6", "#b9d3e8", "#82b1d6", "#4485b8", "#17568c", "#0b3357"];

  function read(figure) {
    const table = figure.querySelector("table");
    const heads = Array.from(table.tHead.rows[0].cells).slice(1);
    const rows = Array.from(table.tBodies[0].rows).map((row) => {
      const name = row.cells[0];
      const link = name.querySelector("a");
      return {
        label: name.textContent.trim(),
        href: link ? link.href : "",
        code: row.dataset.code || "",
        tone: row.dataset.tone || "",
        cells: Array.from(row.cells).slice(1).map((cell) => ({
          value: cell.dataset.value === "" ? null : Number(cell.dataset.value),
          text: cell.textContent.trim(),
          href: cell.querySelector("a") ? cell.querySelector("a").href : "",
        })),
      };
    });
    const series = heads.map((head, at) => ({
      at: at,
      name: head.querySelector(".name").textContent.trim(),
      unit: head.querySelector(".unit") ? head.querySelector(".unit").textContent.trim() : figure.dataset.unit || "",
      tone: head.dataset.tone || "",
      drawn: !("undrawn" in head.dataset),
    })).filter((each) => each.drawn);
    return { rows: rows, series: series };
  }

  const style = (tone, at) => (TONES[tone] ? Object.assign({}, TONES[tone]) : { color: COLOURS[at % COLOURS.length] });
  const short = (text, most) => (text.length > most ? text.slice(0, most - 1) + "…" : text);

  function base(data) {
    return {
      animation: false,
      aria: { enabled: true, label: { enabled: false }, decal: { show: true, decals: { symbol: "none" } } },
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: INK },
      tooltip: { renderMode: "richText", confine: true, trigger: "axis", axisPointer: { type: "shadow", animation: false }, transitionDuration: 0, formatter: (points) => spoken(data, (Array.isArray(points) ? points[0] : points).dataIndex) },
      legend: data.series.length > 1 ? { top: 0, left: 0, itemWidth: 18, itemHeight: 12, textStyle: { color: INK } } : undefined,
    };
  }

  function spoken(data, at) {
    const row = data.rows[at];
    if (!row) { return ""; }
    return [row.label].concat(data.series.map((each) => each.name + "  " + row.cells[each.at].text + (each.unit ? " " + each.unit : ""))).join("\n");
  }

  function bars(data, kind, width) {
    const option = base(data);
    const whole = data.rows.map((row) => data.series.reduce((sum, each) => sum + (row.cells[each.at].value || 0), 0));
    const most = width < 500 ? 8 : 18;
    option.grid = { left: 4, right: kind === "shares" ? 24 : 48, top: data.series.length > 1 ? 34 : 8, bottom: 4, containLabel: true };
    option.yAxis = { type: "category", inverse: true, data: data.rows.map((row) => row.label), axisLabel: { color: INK, formatter: (text) => short(text, most) }, axisTick: { show: false } };
    option.xAxis = { type: "value", max: kind === "shares" ? 100 : undefined, minInterval: whole.every(Number.isInteger) ? 1 : 0, axisLabel: { color: INK, hideOverlap: true, formatter: kind === "shares" ? "{value}%" : undefined } };
    option.series = data.series.map((each, at) => ({
      name: each.name,
      type: "bar",
      barMaxWidth: 22,
      stack: kind === "bar" ? undefined : "all",
      itemStyle: style(each.tone, at),
      label: kind === "bar" && data.series.length === 1 ? { show: true, position: "right", color: INK, formatter: (point) => data.rows[point.dataIndex].cells[each.at].text } : undefined,
      data: data.rows.map((row, index) => {
        const value = row.cells[each.at].value;
        const number = kind === "shares" && value !== null ? (whole[index] ? (value * 100) / whole[index] : 0) : value;
        return row.tone ? { value: number, itemStyle: style(row.tone, 0) } : number;
      }),
    }));
    return option;
  }

  function histogram(data, figure) {
    const option = base(data);
    const mark = figure.dataset.mark;
    option.grid = { left: 8, right: 16, top: mark !== undefined || data.series.length > 1 ? 40 : 12, bottom: 8, containLabel: true };
    option.xAxis = [{ type: "category", data: data.rows.map((row) => row.label), axisLabel: { color: INK, rotate: data.rows.length > 8 ? 45 : 0, hideOverlap: true, fontSize: 11 }, axisTick: { alignWithLabel: true } }];
    option.yAxis = { type: "value", minInterval: 1, axisLabel: { color: INK } };
    option.series = data.series.map((each, at) => ({
      name: each.name,
      type: "bar",
      stack: "all",
      barCategoryGap: "8%",
      itemStyle: style(each.tone, at),
      data: data.rows.map((row) => (row.tone ? { value: row.cells[each.at].value, itemStyle: style(row.tone, 0) } : row.cells[each.at].value)),
    }));
    if (mark !== undefined) {
      // A second axis that counts rows: a line between two bars has no place on an axis of names.
      option.xAxis.push({ type: "value", min: 0, max: data.rows.length, show: false });
      option.series.push({
        type: "line", xAxisIndex: 1, data: [], silent: true,
        markLine: { silent: true, animation: false, symbol: "none", lineStyle: { color: INK, width: 2, type: "solid" }, label: { color: INK, fontWeight: "bold", formatter: figure.dataset.markName }, data: [{ xAxis: Number(mark) }] },
      });
    }
    return option;
  }

  function line(data) {
    const option = base(data);
    option.tooltip.axisPointer.type = "line";
    option.grid = { left: 8, right: 24, top: data.series.length > 4 ? 58 : 40, bottom: 8, containLabel: true };
    option.xAxis = { type: "category", data: data.rows.map((row) => row.label), axisLabel: { color: INK, hideOverlap: true } };
    option.yAxis = { type: "value", scale: true, axisLabel: { color: INK } };
    option.series = data.series.map((each, at) => {
      const found = style(each.tone, at);
      return { name: each.name, type: "line", symbol: SYMBOLS[at % SYMBOLS.length], symbolSize: 9, connectNulls: false, itemStyle: { color: found.color }, lineStyle: { width: 2, color: found.color, type: DASHES[at % DASHES.length] }, data: data.rows.map((row) => row.cells[each.at].value) };
    });
    return option;
  }

  // Up to six classes with round edges; fewer where there are fewer values.
  function classes(values) {
    const low = Math.min.apply(null, values), high = Math.max.apply(null, values);
    if (low === high) { return [low, high]; }
    const rough = (high - low) / 5, power = Math.pow(10, Math.floor(Math.log10(rough)));
    const step = [1, 2, 2.5, 5, 10].map((each) => each * power).find((each) => each >= rough);
    const edges = [];
    for (let edge = Math.floor(low / step) * step; edges.length < 7; edge += step) {
      edges.push(Number(edge.toPrecision(12)));
      if (edge >= high) { break; }
    }
    return edges;
  }

  function map(data, figure, outlines) {
    const drawn = new Set(outlines.features.map((feature) => feature.properties.code));
    const column = data.series[0];
    const values = data.rows.filter((row) => drawn.has(row.code)).map((row) => row.cells[column.at].value).filter((value) => value !== null);
    const edges = values.length ? classes(values) : [];
    const pieces = edges.length === 2 && edges[0] === edges[1]
      ? [{ value: edges[0], label: String(edges[0]), color: STEPS[3] }]
      : edges.slice(0, -1).map((edge, at) => Object.assign({ gte: edge, label: edge + "–" + edges[at + 1], color: STEPS[Math.min(STEPS.length - 1, edges.length < 4 ? at * 2 + 1 : at)] }, at === edges.length - 2 ? { lte: edges[at + 1] } : { lt: edges[at + 1] }));
    const name = "map-" + figure.id;
    const of = new Map(data.rows.map((row, at) => [row.code, at]));
    window.echarts.registerMap(name, outlines);
    const option = base(data);
    option.tooltip.trigger = "item";
    option.tooltip.formatter = (point) => (of.has(point.name) ? spoken(data, of.get(point.name)) : "");
    option.legend = undefined;
    option.visualMap = pieces.length ? { type: "piecewise", pieces: pieces, left: 0, bottom: 0, itemSymbol: "rect", textStyle: { color: INK }, hoverLink: false, selectedMode: false, seriesIndex: 0, outOfRange: { color: HATCH.color } } : undefined;
    const unknown = data.rows.filter((row) => drawn.has(row.code) && row.cells[column.at].value === null).map((row) => row.code);
    option.series = [{
      type: "map", map: name, nameProperty: "code", selectedMode: false, roam: false, left: "center", top: 8, bottom: 8,
      label: { show: drawn.size <= 40, color: INK, fontSize: 11, textBorderColor: "#fff", textBorderWidth: 3, formatter: (point) => (of.has(point.name) ? data.rows[of.get(point.name)].label : "") },
      labelLayout: { hideOverlap: true },
      itemStyle: { borderColor: "#55606b", borderWidth: .8, areaColor: HATCH.color, decal: HATCH.decal },
      emphasis: { label: { show: true, color: INK }, itemStyle: { areaColor: "#f6d27a", borderColor: INK, borderWidth: 1.5 } },
      data: data.rows.filter((row) => drawn.has(row.code)).map((row) => {
        const value = row.cells[column.at].value;
        return value === null ? { name: row.code, value: NaN, itemStyle: { areaColor: HATCH.color, decal: HATCH.decal } } : { name: row.code, value: value, itemStyle: { decal: { symbol: "none" } } };
      }),
    }];
    if (unknown.length) {
      option.graphic = [{ type: "group", right: 4, bottom: 4, children: [
        { type: "rect", shape: { x: 0, y: 0, width: 20, height: 14 }, style: { fill: window.echarts.color ? HATCH.color : HATCH.color, stroke: "#55606b", decal: HATCH.decal } },
        { type: "line", shape: { x1: 2, y1: 14, x2: 16, y2: 0 }, style: { stroke: "#55606b", lineWidth: 2 } },
        { type: "text", x: 26, y: 1, style: { text: figure.dataset.unknown, fill: INK } },
      ] }];
    }
    return option;
  }

  function say(figure, text) {
    const place = figure.querySelector(".said");
    place.textContent = text;
    place.hidden = !text;
  }

  function height(kind, data, width) {
    if (kind === "map") { return Math.max(280, Math.min(520, width * .7)); }
    if (kind === "histogram" || kind === "line") { return 300; }
    return Math.max(120, data.rows.length * (kind === "bar" && data.series.length > 1 ? 26 + 14 * data.series.length : 28) + 70);
  }

  function open(figure, chart, data, outlines) {
    let at = -1;
    const go = (index, column) => {
      const row = data.rows[index];
      const cell = row && column !== undefined && data.series[column] ? row.cells[data.series[column].at].href : "";
      const address = cell || (row && row.href);
      if (address) { window.location.assign(address); }
    };
    chart.on("click", (point) => {
      if (outlines) { go(data.rows.findIndex((row) => row.code === point.name)); } else if (point.componentType === "series") { go(point.dataIndex, point.seriesIndex); }
    });
    const picture = figure.querySelector(".picture");
    picture.tabIndex = 0;
    picture.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
      if (event.key === "Enter" && at >= 0) { go(at); return; }
      if (event.key === "Escape") { chart.dispatchAction({ type: "hideTip" }); return; }
      if (!step) { return; }
      event.preventDefault();
      at = Math.max(0, Math.min(data.rows.length - 1, at + step));
      chart.dispatchAction(outlines ? { type: "showTip", seriesIndex: 0, name: data.rows[at].code } : { type: "showTip", seriesIndex: 0, dataIndex: at });
      say(figure, spoken(data, at).replace(/\n/g, " · "));
    });
  }

  async function draw(figure) {
    const picture = figure.querySelector(".picture");
    if (!picture || !window.echarts) { return; }
    const kind = figure.dataset.kind;
    const data = read(figure);
    let outlines = null;
    if (kind === "map") {
      const answer = await fetch(figure.dataset.outlines, { headers: { Accept: "application/json" } });
      if (!answer.ok) { throw new Error(String(answer.status)); }
      outlines = await answer.json();
      if (!outlines.features.length) { return; } // the note says so
    }
    picture.hidden = false;
    picture.style.height = height(kind, data, picture.clientWidth) + "px";
    // Twice the points: a picture on paper is enlarged.
    const chart = window.echarts.init(picture, null, { renderer: "canvas", devicePixelRatio: Math.max(2, window.devicePixelRatio || 1) });
    const option = () => (kind === "map" ? map(data, figure, outlines) : kind === "histogram" ? histogram(data, figure) : kind === "line" ? line(data) : bars(data, kind, picture.clientWidth));
    chart.setOption(option());
    open(figure, chart, data, outlines);
    let width = picture.clientWidth;
    new ResizeObserver(() => {
      if (!picture.clientWidth || picture.clientWidth === width) { return; }
      width = picture.clientWidth;
      picture.style.height = height(kind, data, width) + "px";
      chart.resize();
      chart.setOption(option(), true);
    }).observe(picture);
    figure.dataset.drawn = "yes";
  }

  function start() {
    // Drawn when they come into view: a page of many pictures answers at once, and one sent to paper draws them all.
    const figures = Array.from(document.querySelectorAll("figure.chart"));
    const begin = (figure) => {
      if (figure.dataset.begun) { return; }
      figure.dataset.begun = "yes";
      draw(figure).catch(() => say(figure, figure.dataset.failed));
    };
    const watch = new IntersectionObserver((seen) => seen.forEach((each) => { if (each.isIntersecting) { watch.unobserve(each.target); begin(each.target); } }), { rootMargin: "400px" });
    figures.forEach((figure) => watch.observe(figure));
    window.addEventListener("beforeprint", () => document.querySelectorAll("figure.chart").forEach(begin));
    // Parts of a page that are exchanged: the old pictures are given up, the new ones watched for.
    document.addEventListener("htmx:beforeSwap", (event) => event.detail.target.querySelectorAll("figure.chart .picture").forEach((picture) => { const old = window.echarts && window.echarts.getInstanceByDom(picture); if (old) { old.dispose(); } }));
    document.addEventListener("htmx:afterSwap", (event) => event.detail.target.querySelectorAll("figure.chart").forEach((figure) => watch.observe(figure)));
  }

  if (document.readyState === "loading") { document.addEventListener("DOMContentLoaded", start); } else { start(); }
})();
