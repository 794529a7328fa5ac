'use strict';
/*
 * Draws the report from its payload. Every statistic comes from there; nothing is estimated here.
 * Axes are linear in the chart and positions are transformed before (log10 on a log axis), so that
 * straight lines, bands and zooming are right on either. What draws the probes takes its tools
 * from what this returns.
 */
const report = (() => {
  const data = JSON.parse(document.getElementById('payload').textContent);
  const root = document.documentElement;
  // Without quotes: they would end an attribute of a saved SVG.
  const FONT = 'system-ui, -apple-system, Segoe UI, Roboto, Helvetica Neue, Liberation Sans, Arial, sans-serif';
  const SETS = [
    { key: 'train', name: 'Training', dash: 'dashed' },
    { key: 'validation', name: 'Validation', dash: 'dotted' },
    { key: 'test', name: 'Test', dash: 'solid' },
  ];
  const FIRST_SHOWN = 6;
  const MOST_SEED_LINES = 12;

  const allPoints = data.series.flatMap((series) => series.points);
  const single = data.series.length === 1;
  const numeric = data.axis.scale === 'log' || data.axis.scale === 'linear';
  const oneSeed = allPoints.every((point) => point.seeds.length < 2);
  const has = (metric) => allPoints.some((point) => point.figures[metric]);
  const shownSets = SETS.filter((set) => has(set.key + 'Loss') || has(set.key + 'Error'));

  const state = {
    x: 'setting',
    sets: new Set(shownSets.map((set) => set.key)),
    seeds: true,
    series: new Set([...data.series.keys()].filter((index) => index < FIRST_SHOWN)),
    curveSeries: 0,
    curvePoint: allPoints.length === 1 && data.seedCurvesPerPoint > 1 ? 0 : 'all',
    curveX: 'epoch',
    curveScale: 'linear',
    held: has('testLoss') || has('testError') ? 'test' : 'validation',
  };

  // ---------------------------------------------------------------- text

  function el(tag, properties = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
      if (name === 'class') node.className = value;
      else if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
      else if (name === 'style') node.style.cssText = value;
      else if (value !== null && value !== undefined) node.setAttribute(name, value);
    }
    node.append(...children);
    return node;
  }

  const escapeHtml = (text) =>
    String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

  /** Four significant digits at most. */
  function number(value) {
    if (value === null || value === undefined) return '–';
    if (value === 0) return '0';
    const size = Math.abs(value);
    if (size < 1e-4 || size >= 1e7) return value.toExponential(3).replace(/\.?0*e/, 'e');
    return String(Number(value.toPrecision(4)));
  }

  const count = (value) => value.toLocaleString('en-US');
  /** A setting's name in words: learningRate. */
  const words = (name) => name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, ' ').toLowerCase();

  const compact = (value) =>
    value >= 1e9 ? number(value / 1e9) + 'G'
    : value >= 1e6 ? number(value / 1e6) + 'M'
    : value >= 1e3 ? number(value / 1e3) + 'k'
    : number(value);
  const isError = (metric) => metric.endsWith('Error') || metric === 'errorGap';
  const factor = (metric) => (isError(metric) ? 100 : 1);
  const plural = (n, noun) => `${count(n)} ${noun}${n === 1 ? '' : 's'}`;

  /** As many significant digits as asked for, zeros kept, so that columns line up. */
  function digits(value, significant) {
    const size = Math.abs(value);
    if (value === 0 || size < 1e-4 || size >= 1e7) return number(value);
    return Number(value.toPrecision(significant)) >= 10 ** significant
      ? number(value) : value.toPrecision(significant);
  }

  /** A figure with the half-width of its interval to two digits: "54.05 ± 1.2". */
  function estimate(figure, metric) {
    if (!figure) return '–';
    const scale = factor(metric);
    const mean = digits(figure.mean * scale, 4);
    return figure.halfWidth === null ? mean : `${mean} ± ${digits(figure.halfWidth * scale, 2)}`;
  }

  const axisName = data.axis.label;
  const pointName = (point) => (axisName ? `${axisName} ${point.label}` : point.point);

  // ---------------------------------------------------------------- colours

  const css = (name) => getComputedStyle(root).getPropertyValue('--' + name).trim();
  const seriesColour = (index) => css('c' + (index % 7));
  const SYMBOLS = ['circle', 'rect', 'triangle', 'diamond'];
  const seriesSymbol = (index) => SYMBOLS[Math.floor(index / 7) % SYMBOLS.length];
  const dark = () => root.dataset.theme === 'dark';

  const VIRIDIS = [
    [68, 1, 84], [72, 40, 120], [62, 74, 137], [49, 104, 142], [38, 130, 142],
    [31, 158, 137], [53, 183, 121], [110, 206, 88], [181, 222, 43], [253, 231, 37],
  ];

  /** Viridis (van der Walt and Smith 2015). */
  function wholeViridis(share) {
    const at = share * (VIRIDIS.length - 1);
    const low = Math.min(VIRIDIS.length - 2, Math.floor(at));
    const mix = VIRIDIS[low].map((c, i) => Math.round(c + (at - low) * (VIRIDIS[low + 1][i] - c)));
    return `rgb(${mix.join(',')})`;
  }

  /** Without the end that is lost on the ground. */
  const viridis = (share) => wholeViridis(dark() ? 0.24 + 0.76 * share : 0.9 * share);

  // ---------------------------------------------------------------- scales

  const LOG = { to: Math.log10, from: (p) => 10 ** p };
  const LINEAR = { to: (v) => v, from: (p) => p };

  function acrossScale() {
    if (state.x === 'parameters') {
      return { ...LOG, name: 'parameters P', of: (point) => Math.log10(point.parameters) };
    }
    const scale = data.axis.scale === 'log' ? LOG : LINEAR;
    return { ...scale, name: axisName, of: (point) => scale.to(point.x) };
  }

  const visibleSeries = () =>
    data.series.map((series, index) => ({ series, index })).filter((s) => state.series.has(s.index));
  const visiblePoints = () => {
    const points = visibleSeries().flatMap((s) => s.series.points);
    return points.length ? points : allPoints;
  };

  /** Ticks 1, 2, 5 times powers of ten (finer over short ranges, coarser over long ones). */
  function logTicks(low, high) {
    const span = high - low;
    const steps =
      span > 3.2 ? [1] : span > 1 ? [1, 2, 5] : span > 0.4 ? [1, 1.5, 2, 3, 4, 5, 6, 8] : null;
    if (!steps) {
      const from = 10 ** low;
      const to = 10 ** high;
      const power = 10 ** Math.floor(Math.log10((to - from) / 6));
      const step = power * [1, 2, 5, 10].find((nice) => nice * power >= (to - from) / 6);
      const ticks = [];
      for (let v = Math.ceil(from / step) * step; v <= to; v += step) ticks.push(Math.log10(v));
      return ticks;
    }
    const every = span > 9 ? Math.ceil(span / 8) : 1;
    const ticks = [];
    for (let decade = Math.floor(low); decade <= high; decade += every) {
      for (const step of steps) {
        const at = decade + Math.log10(step);
        if (at >= low - 1e-9 && at <= high + 1e-9) ticks.push(at);
      }
    }
    return ticks;
  }

  /** Those of the labelled positions that have room beside each other; the ends come first. */
  function thinned(ticks, min, max, pixels) {
    const at = (tick) => ((tick.at - min) / (max - min)) * pixels;
    const room = (a, b) => Math.abs(at(a) - at(b)) >= 3.3 * (a.text.length + b.text.length) + 7;
    const kept = [];
    for (const tick of [ticks[0], ticks[ticks.length - 1], ...ticks.slice(1, -1)]) {
      if (kept.every((other) => other === tick || room(other, tick))) kept.push(tick);
    }
    return kept;
  }

  function axisStyle() {
    return {
      axisLine: { onZero: false, lineStyle: { color: css('faint') } },
      axisTick: { lineStyle: { color: css('faint') } },
      axisLabel: { color: css('soft'), fontSize: 11.5, hideOverlap: true },
      splitLine: { lineStyle: { color: css('grid') } },
      nameTextStyle: { color: css('soft'), fontSize: 12 },
      axisPointer: { label: { show: false } },
    };
  }

  /** The axis that results are drawn against; its labels are the tested values. */
  function acrossAxis(width) {
    const scale = acrossScale();
    const positions = new Map();
    for (const point of visiblePoints()) {
      const text = state.x === 'parameters' ? compact(point.parameters)
        : numeric ? number(point.x) : point.label;
      positions.set(scale.of(point), text);
    }
    const sorted = [...positions].map(([at, text]) => ({ at, text })).sort((a, b) => a.at - b.at);
    const low = sorted[0].at;
    const high = sorted[sorted.length - 1].at;
    const pad = numeric ? Math.max(0.035 * (high - low), high === low ? 0.5 : 0) : 0.5;
    const ticks =
      state.x === 'parameters'
        ? logTicks(low - pad, high + pad).map((at) => ({ at, text: compact(10 ** at) }))
        : sorted;
    const labels = thinned(ticks, low - pad, high + pad, width - 70);
    const style = axisStyle();
    return {
      ...style,
      type: 'value', min: low - pad, max: high + pad, name: scale.name, nameLocation: 'middle',
      nameGap: 26, splitLine: { show: false },
      axisTick: { ...style.axisTick, customValues: ticks.map((tick) => tick.at) },
      axisLabel: {
        ...style.axisLabel, hideOverlap: false, customValues: labels.map((tick) => tick.at),
        formatter: (at) => {
          const tick = labels.find((label) => Math.abs(label.at - at) < 1e-9);
          return tick ? tick.text : '';
        },
      },
    };
  }

  function percentAxis(extra = {}) {
    return { ...axisStyle(), type: 'value', min: 0, ...extra };
  }

  /** A log10 axis for positive values, ticks labelled in their own unit. */
  function logAxis(values) {
    const positive = values.filter((v) => v > 0).map(Math.log10);
    if (!positive.length) return { ...axisStyle(), type: 'value' };
    let low = Math.min(...minMax(positive));
    let high = Math.max(...minMax(positive));
    const pad = Math.max(0.05 * (high - low), 0.04);
    low -= pad;
    high += 2 * pad;
    const ticks = logTicks(low, high);
    const style = axisStyle();
    return {
      ...style, type: 'value', min: low, max: high,
      axisTick: { ...style.axisTick, customValues: ticks },
      axisLabel: { ...style.axisLabel, customValues: ticks, formatter: (at) => number(10 ** at) },
      splitLine: { show: true, lineStyle: style.splitLine.lineStyle },
    };
  }

  function minMax(values) {
    let low = Infinity;
    let high = -Infinity;
    for (const value of values) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    return [low, high];
  }

  // ---------------------------------------------------------------- figures

  const figures = [];

  const textOf = (text, figure) => (typeof text === 'function' ? text(figure) : text || '');

  /**
   * A card with a chart. `option(figure, width)` returns the chart's ECharts option; a switch is
   * `{name, values: [[value, label], ...]}`, its choice `figure.choice[name]`; one with a `title`
   * is a list to choose from, which stands in the title's place.
   */
  function addFigure(parent, spec) {
    const chartBox = el('div', { class: 'chart', role: 'img', style: `height:${spec.height}px` });
    const caption = el('figcaption');
    const tools = el('div', { class: 'tools' });
    const lists = [];
    const figure = { spec, box: chartBox, caption, choice: {} };
    for (const choice of spec.switches || []) {
      figure.choice[choice.name] = choice.first ?? choice.values[0][0];
      const choose = (value) => {
        figure.choice[choice.name] = value;
        draw(figure);
      };
      if (choice.title) {
        const list = select(choice.values, figure.choice[choice.name], choose);
        list.setAttribute('aria-label', choice.title);
        lists.push(list);
      } else {
        tools.append(segments(choice.values, () => figure.choice[choice.name], choose));
      }
    }
    for (const kind of ['PNG', 'SVG']) {
      tools.append(el('button', {
        type: 'button', class: 'save', title: `Save this chart as ${kind}`,
        onclick: () => save(figure, kind),
      }, kind));
    }
    figure.title = el('span');
    figure.unit = el('small');
    parent.append(el('figure', { class: spec.size || '' },
      el('header', {}, el('h3', { class: lists.length ? 'listed' : '' }, figure.title, ...lists, figure.unit), tools),
      chartBox, caption));
    figure.chart = echarts.init(chartBox, null, { renderer: 'svg' });
    figure.chart.on('legendselectchanged', (event) => legendChanged(event.name));
    figure.chart.on('datazoom', () => retick(figure));
    figure.chart.getZr().on('dblclick', () => draw(figure));
    figures.push(figure);
    new ResizeObserver(() => {
      if (!root.classList.contains('printing') && figure.drawnWidth !== chartBox.clientWidth) {
        draw(figure);
      }
    }).observe(chartBox);
    return figure;
  }

  function optionOf(figure, width) {
    const canZoom = matchMedia('(hover: hover)').matches;
    return {
      animation: false,
      textStyle: { fontFamily: FONT },
      // Shown, or it would not zoom; out of sight, since dragging needs no button.
      toolbox: canZoom ? {
        show: true, top: -200, feature: { dataZoom: { filterMode: 'none', brushStyle: {
          color: css('accent'), opacity: 0.12, borderWidth: 0 } } },
      } : undefined,
      ...figure.spec.option(figure, width),
    };
  }

  function draw(figure) {
    const width = figure.box.clientWidth;
    if (!width) return;
    const option = optionOf(figure, width);
    const share = root.classList.contains('printing') ? 0.75 : 1;
    const height = Math.round((figure.height || figure.spec.height) * share) + (figure.extraHeight || 0);
    figure.drawnWidth = width;
    figure.box.style.height = height + 'px';
    figure.chart.resize({ width, height });
    figure.chart.setOption(option, { notMerge: true });
    figure.chart.dispatchAction({
      type: 'takeGlobalCursor', key: 'dataZoomSelect', dataZoomSelectActive: true,
    });
    figure.title.textContent = textOf(figure.spec.title, figure);
    figure.box.setAttribute('aria-label', figure.title.textContent);
    figure.unit.textContent = textOf(figure.spec.unit, figure);
    figure.caption.textContent = textOf(figure.spec.caption, figure);
  }

  const drawAll = () => figures.forEach(draw);

  /** After zooming, gives log axes ticks that suit what is seen. */
  function retick(figure) {
    if (figure.spec.fixedTicks) return;
    const yAxis = [].concat(optionOf(figure, figure.drawnWidth).yAxis)[0];
    if (!yAxis.axisLabel.customValues) {
      // The ends of a zoomed axis are where the drag ended: no round numbers.
      figure.chart.setOption({ yAxis: { axisLabel: { showMinLabel: false, showMaxLabel: false } } });
      return;
    }
    const [low, high] = figure.chart.getModel().getComponent('yAxis').axis.scale.getExtent();
    const ticks = logTicks(low, high);
    figure.chart.setOption({
      yAxis: { axisTick: { customValues: ticks }, axisLabel: { customValues: ticks } },
    });
  }

  function save(figure, kind) {
    const title = textOf(figure.spec.title, figure);
    const name = `${data.name}-${title}`.toLowerCase().replace(/[^a-z0-9]+/g, '-');
    const titleHeight = 24;
    const width = figure.drawnWidth;
    const option = optionOf(figure, width);
    const height = (figure.height || figure.spec.height) + (figure.extraHeight || 0) + titleHeight;
    const copy = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height });
    const unit = figure.unit.textContent;
    option.title = { text: title + (unit ? ` (${unit})` : ''), left: 8, top: 6,
      textStyle: { color: css('ink'), fontSize: 13, fontWeight: 600 } };
    option.grid.top += titleHeight;
    copy.setOption({ ...option, toolbox: undefined, backgroundColor: css('card') });
    const svg = copy.renderToSVGString();
    copy.dispose();
    if (kind === 'SVG') {
      download(name + '.svg', new Blob([svg], { type: 'image/svg+xml' }));
      return;
    }
    const image = new Image();
    image.onload = () => {
      const canvas = el('canvas', { width: 3 * width, height: 3 * height });
      canvas.getContext('2d').drawImage(image, 0, 0, 3 * width, 3 * height);
      canvas.toBlob((blob) => download(name + '.png', blob));
    };
    image.src = 'data:image/svg+xml;charset=utf-8,' + encodeURIComponent(svg);
  }

  function download(name, blob) {
    const link = el('a', { href: URL.createObjectURL(blob), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }

  // ---------------------------------------------------------------- parts of charts

  /**
   * The area between low and high, as one polygon per run of points that have both; where a point
   * stands alone, or between categories, a bar.
   */
  function band(name, rows, colour, joined = numeric) {
    const runs = [[]];
    for (const row of rows) {
      if (row) runs[runs.length - 1].push(row);
      if (!row || !joined) runs.push([]);
    }
    const filled = runs.filter((run) => run.length);
    return {
      type: 'custom', name, silent: true, clip: true, z: 1, tooltip: { show: false },
      data: filled.map((run) => [run[0][0], run[0][1]]), itemStyle: { color: colour },
      renderItem: (params, api) => {
        const run = filled[params.dataIndex];
        const upper = run.map(([x, , high]) => api.coord([x, high]));
        const lower = run.map(([x, low]) => api.coord([x, low])).reverse();
        if (run.length === 1) {
          const [[x, top], [, bottom]] = [upper[0], lower[0]];
          return { type: 'rect', shape: { x: x - 4, y: top, width: 8, height: bottom - top, r: 2 },
            style: { fill: colour, opacity: dark() ? 0.4 : 0.3 } };
        }
        return {
          type: 'polygon', shape: { points: [...upper, ...lower] },
          style: { fill: colour, opacity: dark() ? 0.24 : 0.18 },
        };
      },
    };
  }

  /** Mean, band and seeds of one metric along one series. */
  function curve({ series, metric, name, colour, dash, symbol, y, floor }) {
    const scale = acrossScale();
    const unit = factor(metric);
    const place = (value) => (value === null || value === undefined ? null : y.to(value * unit));
    const usable = (at) => at !== null && Number.isFinite(at);
    const bounded = (at) => (Number.isFinite(at) ? at : floor);
    const parts = [];
    const rows = series.points.map((point) => {
      const figure = point.figures[metric];
      if (!figure || figure.halfWidth === null) return null;
      return [
        scale.of(point), bounded(place(Math.max(figure.mean - figure.halfWidth,
          y === LOG ? 0 : -Infinity))), place(figure.mean + figure.halfWidth),
      ];
    });
    if (rows.some(Boolean)) parts.push(band(name, rows, colour));
    if (state.seeds && !oneSeed) {
      const seeds = new Map();
      for (const point of series.points) {
        for (const seed of point.seeds) {
          if (!seeds.has(seed.seed)) seeds.set(seed.seed, []);
          const at = place(seed[metric]);
          seeds.get(seed.seed).push([scale.of(point), usable(at) ? at : null]);
        }
      }
      const style = { name, silent: true, z: 2, symbol: 'circle', symbolSize: 3.5, emphasis: { disabled: true },
        tooltip: { show: false }, itemStyle: { color: colour, opacity: 0.4 } };
      if (numeric && seeds.size <= MOST_SEED_LINES && visibleSeries().length === 1) {
        for (const line of seeds.values()) {
          parts.push({ ...style, type: 'line', data: line, lineStyle: { width: 0.8, color: colour, opacity: 0.35 } });
        }
      } else {
        parts.push({ ...style, type: 'scatter', data: [...seeds.values()].flat().filter(([, at]) => at !== null) });
      }
    }
    parts.push({
      type: 'line', name, z: 4, symbol, symbolSize: 6, showAllSymbol: true,
      data: series.points.map((point) => {
        const figure = point.figures[metric];
        const at = figure ? place(figure.mean) : null;
        return [scale.of(point), usable(at) ? at : null];
      }),
      emphasis: { disabled: true }, itemStyle: { color: colour },
      lineStyle: { width: numeric ? 2.2 : 0, color: colour, type: dash },
    });
    return parts;
  }

  /** The vertical marks of the series that are seen, where they agree on a place. */
  function marks(width) {
    if (!numeric || !visibleSeries().length) return [];
    const scale = acrossScale();
    const onParameters = state.x === 'parameters';
    const seen = visibleSeries().map((s) => s.series);
    const found = [];
    const add = (places, make) => {
      if (!places.length || places.some((place) => place === null)) return;
      const [low, high] = minMax(places);
      if (high <= low * 1.02) found.push({ at: scale.to(places[0]), ...make(places[0]) });
    };
    const place = (key, ofParameters) => seen.map(({ landmarks }) => {
      if (landmarks[key].place !== 'inside') return null;
      return onParameters ? ofParameters(landmarks) : landmarks[key].at;
    });
    add(place('equalsExamples', (l) => l.trainExamples ?? null), () => ({
      text: 'P = n', colour: css('mark'), dash: [5, 4] }));
    add(place('equalsExamplesTimesClasses', (l) => (l.trainExamples ?? NaN) * l.classes || null),
      () => ({ text: 'P = n·K', colour: css('mark'), dash: [2, 3] }));
    if (seen.length === 1) {
      const threshold = seen[0].landmarks.interpolation;
      add(place('interpolation', (l) => l.interpolation.parameters), () => ({
        text: width < 480 ? 'threshold' : 'interpolation threshold', colour: css('threshold'), dash: null,
        range: !onParameters && threshold.seeds.length > 1
          ? [scale.to(threshold.seeds[0]), scale.to(threshold.seeds[threshold.seeds.length - 1])]
          : null,
      }));
    }
    return found.sort((a, b) => a.at - b.at);
  }

  /** With several series: a triangle on the axis at the interpolation threshold of each. */
  function thresholdTriangles() {
    const scale = acrossScale();
    const rows = !numeric || visibleSeries().length < 2 ? [] : visibleSeries()
      .filter(({ series }) => series.landmarks.interpolation.place === 'inside')
      .map(({ series, index }) => ({ colour: seriesColour(index), at: scale.to(state.x === 'parameters'
        ? series.landmarks.interpolation.parameters : series.landmarks.interpolation.at) }));
    return {
      type: 'custom', silent: true, clip: false, z: 7, tooltip: { show: false },
      data: rows.map((row) => [row.at, null]), encode: { x: 0, y: -1 },
      renderItem: (params, api) => {
        const { at, colour } = rows[params.dataIndex];
        const { x: left, y: top, width, height } = params.coordSys;
        const x = api.coord([at, 0])[0];
        const y = top + height;
        if (x < left || x > left + width) return null;
        return { type: 'polygon', shape: { points: [[x, y - 1], [x - 5, y - 11], [x + 5, y - 11]] },
          style: { fill: colour, stroke: css('card'), lineWidth: 1 } };
      },
    };
  }

  const MARK_ROW = 15;
  const crossRow = () => (visiblePoints().some((point) => point.diverged) ? 13 : 0);

  /** Room for the plot under its marks and, nearest to it, the crosses of diverged replicas. */
  const gridUnder = (found) => ({ left: 8, right: 14, bottom: 4, outerBoundsMode: 'same',
    top: 12 + crossRow() + MARK_ROW * found.length });

  /** Lines of the marks with a label each, in a row of its own so that none covers another. */
  function markSeries(found) {
    return {
      type: 'custom', silent: true, clip: false, z: 3, tooltip: { show: false },
      data: found.map((mark) => [mark.at, null]), encode: { x: 0, y: -1 },
      renderItem: (params, api) => {
        const mark = found[params.dataIndex];
        const area = params.coordSys;
        const toPixel = (at) => api.coord([at, 0])[0];
        const x = toPixel(mark.at);
        const inside = (at) => Math.min(area.x + area.width, Math.max(area.x, at));
        if (x < area.x - 1 || x > area.x + area.width + 1) return null;
        const top = area.y - crossRow() - MARK_ROW * (found.length - params.dataIndex);
        const flip = x + 6.1 * mark.text.length + 8 > area.x + area.width + 8;
        const children = [
          { type: 'line', shape: { x1: x, x2: x, y1: top + 2, y2: area.y + area.height },
            style: { stroke: mark.colour, lineWidth: mark.dash ? 1.2 : 1.6, lineDash: mark.dash } },
          { type: 'text', style: {
            text: mark.text, x: x + (flip ? -5 : 5), y: top + 1, align: flip ? 'right' : 'left',
            verticalAlign: 'top', fill: mark.colour, font: `11.5px ${FONT}`,
            stroke: css('card'), lineWidth: 3 } },
        ];
        if (mark.range) {
          const [from, to] = mark.range.map((at) => inside(toPixel(at)));
          children.unshift({ type: 'rect',
            shape: { x: from, y: area.y, width: Math.max(1, to - from), height: area.height },
            style: { fill: mark.colour, opacity: 0.13 } });
        }
        return { type: 'group', children };
      },
    };
  }

  /** A cross at the top for every point of which a replica diverged. */
  function divergedSeries() {
    const scale = acrossScale();
    const counts = new Map();
    for (const point of visiblePoints()) {
      if (point.diverged) {
        const at = scale.of(point);
        counts.set(at, (counts.get(at) || 0) + point.diverged);
      }
    }
    const rows = [...counts];
    return {
      type: 'custom', silent: true, clip: false, z: 6, tooltip: { show: false },
      data: rows.map(([at]) => [at, null]), encode: { x: 0, y: -1 },
      renderItem: (params, api) => {
        const [at, diverged] = rows[params.dataIndex];
        const area = params.coordSys;
        const x = api.coord([at, 0])[0];
        if (x < area.x - 1 || x > area.x + area.width + 1) return null;
        return { type: 'text', style: {
          text: diverged > 1 ? `×${diverged}` : '×', x, y: area.y - 14, align: 'center',
          verticalAlign: 'top', fill: css('bad'), font: `bold 13px ${FONT}`,
          stroke: css('card'), lineWidth: 3 } };
      },
    };
  }

  const anyDiverged = allPoints.some((point) => point.diverged);

  /** Rows that a legend takes beside each other in columns; beyond six it is made to scroll. */
  function legendRows(entries, width) {
    const widest = Math.max(1, ...entries.map((entry) => 6.1 * entry.name.length + 44));
    return Math.ceil(entries.length / Math.max(1, Math.floor((width + 6) / widest)));
  }

  const MOST_LEGEND_ROWS = 6;
  const legendHeight = (rows) => 8 + 22 * (rows > MOST_LEGEND_ROWS ? 1 : rows);

  function legend(entries, width) {
    return {
      type: legendRows(entries, width) > MOST_LEGEND_ROWS ? 'scroll' : 'plain', bottom: 0,
      left: 'center', itemWidth: 22, itemHeight: 8, itemGap: 16,
      textStyle: { color: css('soft'), fontSize: 12 }, pageIconColor: css('soft'),
      pageTextStyle: { color: css('soft') }, pageIconInactiveColor: css('line'),
      inactiveColor: css('faint'),
      data: entries.map((entry) => ({ name: entry.name, icon: 'roundRect', itemStyle: { color: entry.colour, opacity: 1 } })),
    };
  }

  function legendChanged(name) {
    const set = SETS.find((candidate) => candidate.name === name);
    if (single && set) toggle(state.sets, set.key);
    const index = data.series.findIndex((series) => series.label === name);
    if (!single && index >= 0) toggle(state.series, index);
    refresh();
  }

  function toggle(set, value) {
    if (set.has(value)) set.delete(value);
    else set.add(value);
  }

  function tooltip(rowsOf) {
    return {
      trigger: 'axis', confine: true, backgroundColor: css('card'), borderColor: css('line'),
      padding: [8, 12], textStyle: { color: css('ink'), fontFamily: FONT },
      axisPointer: { type: 'line', axis: 'x', snap: true,
        lineStyle: { color: css('faint'), type: 'solid', width: 1 } },
      extraCssText: 'box-shadow: 0 4px 16px rgba(0,0,0,.18); border-radius: 8px;',
      formatter: (params) => {
        const first = [].concat(params)[0];
        return first ? `<div class="tip">${rowsOf(first.axisValue)}</div>` : '';
      },
    };
  }

  const swatch = (colour, dash) =>
    `<i style="border-top-color:${colour};border-top-style:${dash || 'solid'}"></i>`;

  /** What the tested value nearest to `at` gave: one row a visible series and metric. */
  function acrossTooltip(entries) {
    return tooltip((at) => {
      const scale = acrossScale();
      let nearest = null;
      for (const { series } of visibleSeries()) {
        for (const point of series.points) {
          if (!nearest || Math.abs(scale.of(point) - at) < Math.abs(scale.of(nearest) - at)) {
            nearest = point;
          }
        }
      }
      if (!nearest) return '';
      const ratio = number(nearest.parameters / nearest.trainExamples);
      let html = `<b>${escapeHtml(pointName(nearest))}</b> · P = ${count(nearest.parameters)} = ${ratio} n<table>`;
      for (const entry of entries) {
        const point = entry.series.points.find((p) => scale.of(p) === scale.of(nearest));
        if (!point) continue;
        const diverged = point.diverged
          ? ` <span class="bad">${plural(point.diverged, 'seed')} diverged</span>` : '';
        html += `<tr><td>${swatch(entry.colour, entry.dash)}${escapeHtml(entry.name)}</td>` +
          `<td>${escapeHtml(entry.text(point))}${diverged}</td></tr>`;
      }
      return html + '</table>';
    });
  }

  const seedsOf = (figure) => (figure ? ` (${plural(figure.count, 'seed')})` : '');

  // ---------------------------------------------------------------- against width

  /** Loss or error of every shown set of examples. */
  function againstOption(kind) {
    return (figure, width) => {
      const logarithmic = figure.choice.scale === 'log';
      const y = logarithmic ? LOG : LINEAR;
      const entries = [];
      const values = [];
      for (const { series, index } of visibleSeries()) {
        for (const set of shownSets.filter((s) => state.sets.has(s.key))) {
          const metric = set.key + kind;
          if (!series.points.some((point) => point.figures[metric])) continue;
          entries.push({
            series, metric, colour: single ? css(set.key) : seriesColour(index),
            dash: single ? 'solid' : set.dash, symbol: seriesSymbol(single ? 0 : index),
            legend: single ? set.name : series.label,
            name: single ? set.name : `${series.label}, ${set.name.toLowerCase()}`,
            text: (point) => estimate(point.figures[metric], metric) +
              (kind === 'Error' ? ' %' : '') + seedsOf(point.figures[metric]),
          });
          for (const point of series.points) {
            for (const seed of point.seeds) if (seed[metric] > 0) values.push(seed[metric]);
            if (point.figures[metric]) values.push(point.figures[metric].mean);
          }
        }
      }
      const yAxis = logarithmic ? logAxis(values)
        : percentAxis(kind === 'Error' ? { axisLabel: { ...axisStyle().axisLabel, formatter: '{value} %' } } : {});
      const found = marks(width);
      const parts = entries.flatMap((entry) =>
        curve({ ...entry, name: entry.legend, y, floor: yAxis.min }));
      parts.push(...peakRings(kind, entries, y), markSeries(found), thresholdTriangles(), divergedSeries());
      const names = single
        ? shownSets.filter((set) => has(set.key + kind)).map((set) => (
          { name: set.name, colour: css(set.key), shown: state.sets.has(set.key) }))
        : visibleSeries().map(({ series, index }) => (
          { name: series.label, colour: seriesColour(index), shown: true }));
      // A name that is switched off still needs a series to stand in the legend.
      for (const entry of names) {
        if (!parts.some((part) => part.name === entry.name)) {
          parts.push({ type: 'line', name: entry.name, data: [], symbol: 'circle' });
        }
      }
      figure.extraHeight = legendHeight(legendRows(names, width)) - legendHeight(1);
      const legendOption = legend(names, width);
      legendOption.selected = Object.fromEntries(names.map((n) => [n.name, n.shown]));
      return {
        grid: { ...gridUnder(found), bottom: legendHeight(legendRows(names, width)) },
        legend: legendOption, xAxis: acrossAxis(width), yAxis, series: parts,
        tooltip: acrossTooltip(entries),
      };
    };
  }

  /** A ring around each peak that stands out from the spread over seeds. */
  function peakRings(kind, entries, y) {
    const scale = acrossScale();
    const metric = 'test' + kind;
    return entries.filter((entry) => entry.metric === metric).flatMap((entry) => {
      const index = entry.series.landmarks?.[kind === 'Error' ? 'errorPeak' : 'lossPeak'];
      if (index === undefined) return [];
      const point = entry.series.points[index];
      const mean = point.figures[metric].mean * factor(metric);
      const text = kind === 'Error' ? `peak ${number(mean)} %` : `peak ${number(mean)}`;
      return [{
        type: 'scatter', name: entry.legend, silent: true, z: 5, symbol: 'circle', symbolSize: 15,
        tooltip: { show: false }, data: [[scale.of(point), y.to(mean)]],
        itemStyle: { color: 'transparent', borderColor: entry.colour, borderWidth: 2 },
        label: { show: visibleSeries().length === 1, position: 'top', distance: 4, fontSize: 12,
          fontWeight: 600, color: entry.colour, formatter: text, textBorderColor: css('card'),
          textBorderWidth: 3 },
      }];
    });
  }

  function bandNote() {
    const lines = oneSeed ? 'One seed a point, so no band can be drawn.'
      : `Mean over seeds; ${numeric ? 'band' : 'bar'}: 95 % confidence interval of the mean (Student t); faint: single seeds.`;
    const dashes = single ? '' : ' Solid: test; dashed: training' +
      (has('validationLoss') ? '; dotted: validation.' : '.');
    const crosses = anyDiverged ? ' × at the top: replicas that diverged, in no mean.' : '';
    const rings = visibleSeries().some(({ series }) =>
      series.landmarks?.errorPeak !== undefined || series.landmarks?.lossPeak !== undefined)
      ? ' Ring: a peak, as Landmarks below defines it.' : '';
    return lines + dashes + rings + crosses;
  }

  function marksNote() {
    // Where P is the same everywhere there is nothing to cross.
    if (!data.axis.parametersVary) return '';
    const seen = visibleSeries().map((s) => s.series);
    if (!seen.length) return '';
    const { landmarks } = seen[0];
    const parts = [];
    if (seen.every((series) => series.landmarks.trainExamples === landmarks.trainExamples) && landmarks.trainExamples) {
      const n = landmarks.trainExamples;
      const name = { equalsExamples: `P = n = ${count(n)}`,
        equalsExamplesTimesClasses: `P = n·K = ${count(n * landmarks.classes)}` };
      for (const key of ['equalsExamples', 'equalsExamplesTimesClasses']) {
        const { place, text } = landmarks[key];
        if (place === 'inside' && seen.length === 1) parts.push(`${name[key]} at ${axisName} ${text}`);
        else if (place === 'inside') parts.push(name[key]);
        else parts.push(`${name[key]} lies ${place === 'not_reached' ? 'beyond' : 'before'} the tested range`);
      }
    }
    let text = parts.length ? ` P parameters, n training examples, K classes: ${parts.join('; ')}.` : '';
    if (seen.length === 1 && landmarks.interpolation.place === 'inside') {
      text += ` Interpolation threshold: where the mean training error first falls to 1 %, ${axisName} ` +
        `${landmarks.interpolation.text}` +
        (landmarks.interpolation.seeds.length > 1 ? ' (shaded: the range over seeds).' : '.');
    } else if (seen.length === 1) {
      text += landmarks.interpolation.place === 'not_reached'
        ? ' The mean training error stays above 1 %: no interpolation threshold is in the tested range.'
        : ' The mean training error is at or below 1 % from the first tested value on.';
    } else if (seen.some((series) => series.landmarks.interpolation.place === 'inside')) {
      text += ' Triangles on the axis: interpolation thresholds, where the mean training error first falls to 1 %.';
    }
    return text;
  }

  function zeroOption(figure, width) {
    const scale = acrossScale();
    const entries = visibleSeries().map(({ series, index }) => ({
      series, colour: single ? css('train') : seriesColour(index), name: single ? 'Replicas' : series.label,
      text: (point) => `${point.zeroTrainError} of ${point.done}`, symbol: seriesSymbol(single ? 0 : index),
    }));
    const found = marks(width);
    return {
      grid: gridUnder(found),
      xAxis: acrossAxis(width),
      yAxis: percentAxis({ max: 100, axisLabel: { ...axisStyle().axisLabel, formatter: '{value} %' } }),
      tooltip: acrossTooltip(entries),
      series: [...entries.map((entry) => ({
        type: 'line', data: entry.series.points.map((p) => [scale.of(p), (100 * p.zeroTrainError) / p.done]),
        symbol: entry.symbol, symbolSize: 6, itemStyle: { color: entry.colour }, clip: false,
        lineStyle: { width: numeric ? 2.2 : 0, color: entry.colour }, emphasis: { disabled: true }, z: 4,
      })), markSeries(found), divergedSeries()],
    };
  }

  function gapOption(figure, width) {
    const metric = figure.choice.kind;
    const entries = visibleSeries().map(({ series, index }) => ({
      series, metric, colour: single ? css('test') : seriesColour(index),
      symbol: seriesSymbol(single ? 0 : index), dash: 'solid', name: single ? 'Test − training' : series.label,
      text: (point) => estimate(point.figures[metric], metric) + (isError(metric) ? ' points' : '') +
        seedsOf(point.figures[metric]),
    }));
    const found = marks(width);
    const yAxis = { ...axisStyle(), type: 'value' };
    return {
      grid: gridUnder(found),
      xAxis: acrossAxis(width),
      yAxis, tooltip: acrossTooltip(entries),
      series: [...entries.flatMap((entry) => curve({ ...entry, y: LINEAR })), markSeries(found), divergedSeries()],
    };
  }

  const deviationText = (metric) => (point) => {
    const deviation = point.figures[metric]?.standardDeviation;
    return deviation === null || deviation === undefined ? '–'
      : number(deviation * factor(metric)) + (isError(metric) ? ' points' : '');
  };

  /** One series: its seeds around their mean. Several: their standard deviations. */
  function spreadOption(figure, width) {
    const shown = visibleSeries();
    return shown.length === 1 ? seedsOption(shown[0], figure.choice.kind, width)
      : deviationsOption(shown, figure.choice.kind, width);
  }

  function deviationsOption(shown, metric, width) {
    const scale = acrossScale();
    const entries = shown.map(({ series, index }) => ({
      series, colour: seriesColour(index), name: series.label, text: deviationText(metric) }));
    return {
      grid: gridUnder([]), xAxis: acrossAxis(width),
      yAxis: percentAxis({ axisLabel: { ...axisStyle().axisLabel, formatter: number } }), tooltip: acrossTooltip(entries),
      series: shown.map(({ series, index }) => ({
        type: 'line', symbol: seriesSymbol(index), symbolSize: 5, emphasis: { disabled: true },
        itemStyle: { color: seriesColour(index) }, lineStyle: { color: seriesColour(index), width: numeric ? 1.6 : 0 },
        data: series.points.map((p) => [scale.of(p),
          p.figures[metric]?.standardDeviation == null ? null : p.figures[metric].standardDeviation * factor(metric)]),
      })),
    };
  }

  /** Each seed less the mean of its point, and one standard deviation either way. */
  function seedsOption({ series, index }, metric, width) {
    const unit = factor(metric);
    const scale = acrossScale();
    const colour = single ? css('test') : seriesColour(index);
    const measured = series.points.filter((p) => p.figures[metric]?.standardDeviation != null);
    const deviations = measured.map((p) => [scale.of(p), p.figures[metric].standardDeviation * unit]);
    const seeds = measured.flatMap((p) => p.seeds.filter((seed) => seed[metric] !== undefined)
      .map((seed) => [scale.of(p), (seed[metric] - p.figures[metric].mean) * unit]));
    const bound = niceBound(Math.max(0, ...[...deviations, ...seeds].map((d) => Math.abs(d[1]))));
    return {
      grid: gridUnder([]), xAxis: acrossAxis(width),
      yAxis: { ...axisStyle(), type: 'value', min: -bound, max: bound,
        axisLabel: { ...axisStyle().axisLabel,
          formatter: (v) => (v > 0 ? '+' : v < 0 ? '−' : '') + number(Math.abs(v)) } },
      tooltip: acrossTooltip([{ series, colour, name: 'Standard deviation', text: deviationText(metric) }]),
      series: [
        { type: 'custom', clip: true, z: 1, silent: true, data: deviations,
          renderItem: (params, api) => {
            const [x, high] = api.coord([api.value(0), api.value(1)]);
            const low = api.coord([api.value(0), -api.value(1)])[1];
            return { type: 'rect', shape: { x: x - 5, y: high, width: 10, height: low - high, r: 2 },
              style: { fill: colour, opacity: dark() ? 0.32 : 0.24 } };
          } },
        { type: 'scatter', symbolSize: 4.5, z: 2, silent: true, data: seeds,
          itemStyle: { color: colour, opacity: 0.75 }, emphasis: { disabled: true } },
      ],
    };
  }

  function niceBound(value) {
    if (!(value > 0)) return 1;
    const power = 10 ** Math.floor(Math.log10(value * 1.05));
    return power * [1, 2, 4, 6, 8, 10].find((step) => step * power >= value * 1.05);
  }

  function addAgainst() {
    const section = document.getElementById('against');
    if (data.axis.scale === 'none' || !allPoints.length) {
      section.hidden = true;
      return;
    }
    section.querySelector('h2').textContent = `Against ${axisName}`;
    const parent = section.querySelector('.figures');
    if (shownSets.some((set) => has(set.key + 'Error'))) {
      addFigure(parent, { title: 'Error', unit: 'misclassified examples', height: 400,
        option: againstOption('Error'), caption: () => bandNote() + marksNote() });
    }
    addFigure(parent, { title: 'Loss', unit: 'mean over examples, without label smoothing', height: 400,
      switches: [{ name: 'scale', values: [['log', 'log'], ['linear', 'linear']] }],
      option: againstOption('Loss'), caption: bandNote });
    const size = oneSeed ? '' : 'third';
    addFigure(parent, { title: 'Zero training error', unit: 'replicas', size, height: 250,
      option: zeroOption,
      caption: 'Replicas that end with every training example classified as labelled, of those done; one that diverged did not.' });
    if (has('lossGap')) {
      const kinds = [['lossGap', 'loss'], ['errorGap', 'error']].filter(([metric]) => has(metric));
      addFigure(parent, { title: 'Generalisation gap', size, height: 250,
        switches: [{ name: 'kind', values: kinds.reverse() }], option: gapOption,
        caption: (figure) => 'Test minus training ' + (figure.choice.kind === 'errorGap' ? 'error, percentage points' : 'loss') +
          ', within each replica' + (oneSeed ? '.' : '; mean and 95 % confidence interval.') });
    }
    if (!oneSeed && (has('testError') || has('testLoss'))) {
      const kinds = [['testError', 'error'], ['testLoss', 'loss']].filter(([metric]) => has(metric));
      addFigure(parent, { title: 'Spread over seeds', size, height: 250,
        switches: [{ name: 'kind', values: kinds }], option: spreadOption,
        caption: (figure) => (figure.choice.kind === 'testError' ? 'Test error, percentage points' : 'Test loss') +
          (visibleSeries().length === 1
            ? ' from the mean of the point: dots are seeds, bars one standard deviation either way.'
            : ': standard deviation over seeds. Show one series alone to see its seeds.') });
    }
  }

  // ---------------------------------------------------------------- during training

  function curvePoints() {
    const series = data.series[state.curveSeries];
    return series ? series.points : [];
  }

  function curveColour(point) {
    const points = curvePoints();
    if (data.axis.scale === 'none') return css('accent');
    const scale = data.axis.scale === 'log' ? LOG : LINEAR;
    const [low, high] = minMax(points.map((p) => scale.to(p.x)));
    return viridis(high > low ? (scale.to(point.x) - low) / (high - low) : 0.4);
  }

  /**
   * The lines to draw: one mean a point, or one point's seeds and mean. `source(point, index)` has
   * the mean as `curve` and `seeds` with one each.
   */
  function curveLines(metric, source = (point) => point) {
    const points = curvePoints();
    const lines = [];
    const line = (name, curveData, style) => {
      if (curveData && curveData[metric]) lines.push({ name, curve: curveData, values: curveData[metric], ...style });
    };
    if (state.curvePoint === 'all') {
      points.forEach((point, index) => line(point.label || 'mean', source(point, index).curve, {
        colour: curveColour(point), width: 1.6, opacity: 1 }));
    } else {
      const point = source(points[state.curvePoint], state.curvePoint);
      for (const seed of point.seeds) {
        const diverged = seed.status === 'diverged';
        line(`seed ${seed.seed}${diverged ? ', diverged' : ''}`, seed.curve, {
          colour: diverged ? css('bad') : css('c0'), width: 1, opacity: 0.65, dash: diverged ? 'dashed' : 'solid' });
      }
      line('mean', point.curve, { colour: css('ink'), width: 2.2, opacity: 1 });
    }
    return lines;
  }

  /** Lines that are the same are drawn once: learning-rate schedules mostly are. */
  function distinctLines(lines, allName = 'all') {
    const seen = new Map();
    for (const line of lines) {
      const key = line.curve.step.join() + '|' + line.values.join();
      if (seen.has(key)) seen.get(key).push(line);
      else seen.set(key, [line]);
    }
    return [...seen.values()].map((same) => (same.length === 1 ? same[0]
      : { ...same[0], shared: true, name: same.length === lines.length ? allName : `${same[0].name} … ${same[same.length - 1].name}`,
        colour: css('accent'), width: 2, opacity: 1 }));
  }

  /**
   * Curves over training. Beside those of the metric: `bound`, a metric that is drawn dashed and does
   * not widen the axis by much; `level`, a horizontal line. Values that did not converge, which a
   * curve has under `open`, are hollow marks.
   */
  function trainingOption(metricOf, { log, percent, distinct, step, source, bound, level } = {}) {
    return (figure, width) => {
      const metric = metricOf(figure);
      const abscissa = source ? 'step' : state.curveX;
      const found = curveLines(metric, source);
      const bounds = bound && bound(figure) ? distinctLines(curveLines(bound(figure).metric, source), 'every line')
        .map((line) => ({ ...line, bound: true, name: `${line.name}, ${bound(figure).name}`, dash: 'dashed',
          width: 1.2, colour: line.shared ? css('threshold') : line.colour })) : [];
      const lines = [...(distinct ? distinctLines(found) : found), ...bounds];
      const unit = percent ? 100 : 1;
      const belowZero = lines.some((l) => l.values.some((v) => v < 0));
      const logarithmic = log && figure.choice.scale !== 'linear' && !belowZero;
      const y = logarithmic ? LOG : LINEAR;
      const x = state.curveScale === 'log' ? LOG : LINEAR;
      const openOf = (line) => (line.bound ? [] : line.curve.open?.[metric] || []);
      const own = lines.filter((l) => !l.bound).flatMap((l) => [...l.values, ...openOf(l).map((o) => o[1])]);
      const highest = minMax(own.filter((v) => v !== null))[1];
      const values = [...own, ...bounds.flatMap((l) => l.values.filter((v) => v < 4 * highest)), level]
        .filter((v) => v !== null && v !== undefined);
      const series = lines.map((line) => ({
        type: 'line', showSymbol: line.values.length < 2, symbolSize: 5, step: step ? 'end' : false,
        emphasis: { disabled: true }, itemStyle: { color: line.colour, opacity: line.opacity },
        lineStyle: { color: line.colour, width: line.width, opacity: line.opacity, type: line.dash || 'solid' },
        data: line.values.map((value, i) => {
          const at = x.to(line.curve[abscissa][i]);
          const to = value === null ? NaN : y.to(value * unit);
          return Number.isFinite(at) ? [at, Number.isFinite(to) ? to : null] : null;
        }).filter(Boolean),
      }));
      for (const line of lines.filter((l) => openOf(l).length)) {
        series.push({ type: 'scatter', symbolSize: 7, z: 5, emphasis: { disabled: true }, silent: true,
          itemStyle: { color: 'transparent', borderColor: line.colour, borderWidth: 1.6 },
          data: openOf(line).map(([at, value]) => [x.to(at), y.to(value * unit)])
            .filter((place) => place.every(Number.isFinite)) });
      }
      if (level !== undefined && series.length) {
        series[0].markLine = { silent: true, symbol: 'none', label: { show: false },
          lineStyle: { color: css('threshold'), type: 'dashed', width: 1.4 }, data: [{ yAxis: y.to(level) }] };
      }
      const style = axisStyle();
      const [low, high] = minMax(series.flatMap((s) => s.data.map((d) => d[0])));
      const ticks = x === LOG && Number.isFinite(low) ? logTicks(low, high) : null;
      const xAxis = {
        ...style, type: 'value', name: abscissa, nameLocation: 'middle', nameGap: 26,
        min: Number.isFinite(low) ? low : 0, max: Number.isFinite(high) ? high : 1, splitLine: { show: false },
        axisTick: ticks ? { ...style.axisTick, customValues: ticks } : style.axisTick,
        axisLabel: ticks ? { ...style.axisLabel, customValues: ticks, formatter: (at) => compact(10 ** at) }
          : { ...style.axisLabel, showMaxLabel: true, formatter: compact },
      };
      const yAxis = logarithmic ? logAxis(values.filter((v) => v > 0))
        : bounds.length ? percentAxis({ max: Math.max(...values), axisLabel: { ...style.axisLabel, formatter: number, showMaxLabel: false } })
        : belowZero ? { ...style, type: 'value', axisLabel: { ...style.axisLabel, formatter: number } }
        : percentAxis(percent ? { axisLabel: { ...style.axisLabel, formatter: '{value} %' } }
          : { axisLabel: { ...style.axisLabel, formatter: number } });
      return {
        grid: { left: 8, right: 18, top: 12, bottom: 4, outerBoundsMode: 'same' },
        xAxis, yAxis, series,
        tooltip: tooltip((at) => {
          const cells = [];
          let where = null;
          for (const line of lines) {
            let nearest = -1;
            line.curve[abscissa].forEach((value, i) => {
              const place = x.to(value);
              if (Number.isFinite(place) && (nearest < 0 ||
                  Math.abs(place - at) < Math.abs(x.to(line.curve[abscissa][nearest]) - at))) nearest = i;
            });
            if (nearest < 0) continue;
            where ??= (line.curve.epoch ? `epoch ${count(line.curve.epoch[nearest])}, ` : '') +
              `step ${count(line.curve.step[nearest])}`;
            const value = line.values[nearest];
            cells.push(`<td>${swatch(line.colour, line.dash)}${escapeHtml(line.name)}</td><td>` +
              `${value === null ? '–' : number(value * unit)}${percent ? ' %' : ''}</td>`);
          }
          const columns = Math.ceil(cells.length / 12);
          const rows = Math.ceil(cells.length / Math.max(1, columns));
          let html = `<b>${where || ''}</b>${state.curvePoint === 'all' && axisName ? ` · by ${escapeHtml(axisName)}` : ''}<table>`;
          for (let row = 0; row < rows; row++) {
            html += '<tr>';
            for (let column = 0; column < columns; column++) html += cells[column * rows + row] || '';
            html += '</tr>';
          }
          return html + '</table>';
        }),
      };
    };
  }

  function addTraining() {
    const section = document.getElementById('training');
    const hasCurve = (metric) => allPoints.some((p) => p.curve?.[metric] || p.seeds.some((s) => s.curve?.[metric]));
    if (!hasCurve('step')) {
      section.hidden = true;
      return;
    }
    const parent = section.querySelector('.figures');
    const held = () => (state.held === 'test' ? 'test examples' : 'validation examples');
    const scaleSwitch = [{ name: 'scale', values: [['log', 'log'], ['linear', 'linear']] }];
    const add = (spec) => addFigure(parent, { height: 260, ...spec });
    add({ title: 'Training loss', switches: scaleSwitch, option: trainingOption(() => 'trainLoss', { log: true }) });
    if (hasCurve('testLoss') || hasCurve('validationLoss')) {
      add({ title: 'Held-out loss', switches: scaleSwitch, unit: held,
        option: trainingOption(() => state.held + 'Loss', { log: true }) });
    }
    if (hasCurve('trainError')) {
      add({ title: 'Training error', option: trainingOption(() => 'trainError', { percent: true }) });
    }
    if (hasCurve('testError') || hasCurve('validationError')) {
      add({ title: 'Held-out error', unit: held,
        option: trainingOption(() => state.held + 'Error', { percent: true }) });
    }
    if (hasCurve('learningRate')) {
      add({ title: 'Learning rate', height: 210, option: trainingOption(() => 'learningRate', { distinct: true }),
        caption: 'Schedules that are the same are drawn as one line.' });
    }
    if (hasCurve('gradientNorm')) {
      add({ title: 'Gradient norm', height: 210, switches: scaleSwitch,
        option: trainingOption(() => 'gradientNorm', { log: true }),
        caption: 'Euclidean norm of the mean gradient of the last batch, before clipping.' });
    }
  }

  /** What the curves over training show; `held` and the abscissa only where they are of use. */
  function drawCurveBar(bar, { learning, steps }) {
    bar.replaceChildren();
    const points = curvePoints();
    const change = (key) => (value) => {
      state[key] = value;
      refresh();
    };
    if (!single) {
      bar.append(control('Series', select(data.series.map((s, i) => [i, s.label]), state.curveSeries, (value) => {
        state.curveSeries = Number(value);
        state.curvePoint = 'all';
        refresh();
      })));
    }
    const options = [['all', points.length > 1 ? `every ${axisName}, mean over seeds` : 'mean over seeds'],
      ...points.map((point, i) => [i, points.length > 1 ? `${pointName(point)}, seeds` : 'seeds'])];
    if ((data.seedCurvesPerPoint > 0 || !learning) && points.length) {
      bar.append(control('Show', select(options, state.curvePoint, (value) => {
        state.curvePoint = value === 'all' ? 'all' : Number(value);
        refresh();
      })));
    }
    const scales = segments([['linear', 'linear'], ['log', 'log']], () => state.curveScale, change('curveScale'));
    bar.append(learning
      ? control('Against', segments([['epoch', 'epoch'], ['step', 'step']], () => state.curveX, change('curveX')), scales)
      : steps ? control('Steps', scales) : '');
    if (learning && has('validationLoss') && has('testLoss')) {
      bar.append(control('Held out', segments([['test', 'test'], ['validation', 'validation']], () => state.held, change('held'))));
    }
    if (state.curvePoint === 'all' && points.length > 1) {
      const stops = Array.from({ length: 11 }, (_, i) => viridis(i / 10)).join(',');
      bar.append(el('span', { class: 'colours' }, `${axisName} ${points[0].label}`,
        el('i', { style: `background:linear-gradient(90deg,${stops})` }), points[points.length - 1].label));
    }
    if (!learning) return;
    const notes = [];
    if (!oneSeed) notes.push('A mean ends where the first of its seeds stopped.');
    if (data.seedCurvesPerPoint < Math.max(...allPoints.map((p) => p.seeds.length))) {
      notes.push(data.seedCurvesPerPoint ? `Single seeds: the first ${data.seedCurvesPerPoint} of each point are kept here.`
        : 'Too many replicas to keep single seeds here; their history.csv holds them.');
    }
    if (notes.length) bar.append(el('span', { class: 'caption' }, notes.join(' ')));
  }

  // ---------------------------------------------------------------- controls

  const control = (name, ...content) => el('label', { class: 'control' }, name, ...content);

  function segments(values, current, choose) {
    const group = el('span', { class: 'segments', role: 'group' });
    for (const [value, label] of values) {
      group.append(el('button', { type: 'button', 'aria-pressed': String(current() === value), onclick: () => {
        choose(value);
        for (const button of group.children) button.setAttribute('aria-pressed', String(button.dataset.value === String(current())));
      } }, label));
      group.lastChild.dataset.value = value;
    }
    return group;
  }

  function select(options, current, choose) {
    const node = el('select', { onchange: () => choose(node.value) });
    for (const [value, label] of options) {
      const option = el('option', { value }, label);
      option.selected = String(value) === String(current);
      node.append(option);
    }
    return node;
  }

  function chip(label, colour, dash, pressed, onclick) {
    return el('button', { type: 'button', class: 'chip', style: `--chip:${colour}`, 'aria-pressed': String(pressed), onclick },
      el('i', { class: dash || '' }), label);
  }

  /** With several settings beside the axis: a switch for each value of each, not one a series. */
  function settingChips(key) {
    const values = [...new Set(data.series.map((series) => series.settings[key]))];
    const name = words(key.slice(key.lastIndexOf('.') + 1));
    return [el('span', { class: 'setting' }, name), ...values.map((value) => {
      const shown = visibleSeries().some((s) => s.series.settings[key] === value);
      return el('button', { type: 'button', class: 'chip', 'aria-pressed': String(shown), onclick: () => {
        const seen = visibleSeries().map((s) => s.series);
        // What comes back keeps to the values of the other settings that are shown.
        const fits = (series) => !seen.length || Object.keys(series.settings).every((other) =>
          other === key || seen.some((s) => s.settings[other] === series.settings[other]));
        data.series.forEach((series, index) => {
          if (series.settings[key] !== value) return;
          if (shown) state.series.delete(index);
          else if (fits(series)) state.series.add(index);
        });
        refresh();
      } }, value);
    })];
  }

  function drawControls() {
    const nav = document.getElementById('controls');
    if (data.axis.scale === 'none' || !allPoints.length) return;
    nav.hidden = false;
    const bar = el('div');
    if (data.axis.parametersVary) {
      bar.append(control('Against', segments([['setting', axisName], ['parameters', 'parameters P']], () => state.x, (value) => {
        state.x = value;
        refresh();
      })));
    }
    bar.append(el('span', { class: 'control' }, 'Examples', ...shownSets.map((set) => chip(set.name,
      single ? css(set.key) : css('soft'), single ? '' : set.dash, state.sets.has(set.key), () => {
        toggle(state.sets, set.key);
        refresh();
      }))));
    if (!oneSeed) {
      bar.append(control('Single seeds', segments([[true, 'shown'], [false, 'hidden']], () => state.seeds, (value) => {
        state.seeds = value;
        refresh();
      })));
    }
    if (!single) {
      const keys = Object.keys(data.series[0].settings);
      const chips = el('span', { class: 'chips' }, ...(keys.length > 1 ? keys.flatMap(settingChips)
        : data.series.map((series, index) =>
          chip(series.label, seriesColour(index), '', state.series.has(index), () => {
            toggle(state.series, index);
            refresh();
          }))));
      const only = select([['', 'show …'], ['all', 'all'], ['none', 'none'], ...data.series.map((s, i) => [i, `only ${s.label}`])], '', (value) => {
        state.series = new Set(value === 'all' ? data.series.keys() : value === 'none' ? [] : [Number(value)]);
        refresh();
      });
      bar.append(el('span', { class: 'control' }, keys.length > 1 ? '' : 'Series', chips, only));
    }
    if (matchMedia('(hover: hover)').matches) {
      bar.append(el('span', { class: 'hint' }, 'Drag in a chart to zoom, double-click to zoom out.'));
    }
    nav.replaceChildren(bar);
  }

  /** What else is to be done when the state has changed. */
  const redraws = [];

  /** Draws everything that depends on the state again. */
  function refresh() {
    drawControls();
    if (!document.getElementById('training').hidden) {
      drawCurveBar(document.querySelector('#training .bar'), { learning: true });
    }
    redraws.forEach((redraw) => redraw());
    drawAll();
  }

  // ---------------------------------------------------------------- header and tables

  function drawHeader() {
    const { status, findings } = data;
    document.getElementById('name').textContent = data.name;
    document.getElementById('description').textContent = data.description;
    const item = (value, text, kind = '') => el('li', { class: kind }, el('b', {}, value), ' ', text);
    const list = document.getElementById('status');
    if (status.planned) {
      list.append(item(count(status.done), `of ${plural(status.planned, 'replica')} done`),
        item(count(status.points), status.points === 1 ? 'point' : 'points'));
    } else {
      list.append(el('li', {}, 'No network was trained.'));
      document.getElementById('kind').textContent = 'theory report';
    }
    if (data.studies.length) list.append(item(count(data.studies.length), data.studies.length === 1 ? 'study' : 'studies'));
    if (status.diverged) list.append(item(count(status.diverged), 'diverged', 'bad'));
    if (status.earlyStopped) list.append(item(count(status.earlyStopped), 'stopped early'));
    if (status.done) {
      list.append(item(status.trainingTime, 'of training in all'), item(status.engine, 'engine'),
        item(status.device, ''), item(status.precision, ''));
    }
    if (status.done < status.planned) {
      const banner = document.getElementById('incomplete');
      banner.hidden = false;
      banner.append(el('b', {}, `${count(status.done)} of ${plural(status.planned, 'replica')} done.`),
        ' The run is incomplete: everything below is drawn from what is there.');
    }
    const tiles = document.getElementById('headlines');
    for (const { title, value, note } of findings.headlines) {
      tiles.append(el('div', { class: 'headline' }, el('div', { class: 'title' }, title),
        el('div', { class: 'value' }, value), el('div', { class: 'note' }, note)));
    }
    // Without networks the page opens with the studies, which tell theirs.
    if (data.series.length) document.getElementById('sentences').append(...findings.sentences.map((text) => el('li', {}, text)));
  }

  function drawLandmarks() {
    if (!numeric || !allPoints.length) return;
    const section = document.getElementById('landmarks');
    section.hidden = false;
    const place = (mark) => (mark.place === 'inside' ? mark.text
      : mark.place === 'not_reached' ? 'not reached' : 'at or before first');
    const withParameters = data.axis.parametersVary;
    const onlyIf = (condition, ...cells) => (condition ? cells : []);
    const head = [...onlyIf(!single, 'series'), ...onlyIf(withParameters, 'P = n', 'P = n·K'), 'interpolation threshold',
      ...onlyIf(withParameters, 'P there'), 'over seeds', 'test-error peak', 'test-loss peak', 'lowest test error'];
    const table = el('table', {}, el('thead', {}, el('tr', {}, ...head.map((text) =>
      el('th', { class: text === 'series' ? 'text' : '' }, text)))));
    const body = el('tbody');
    for (const { label, landmarks, points } of data.series) {
      const at = (index, metric) => {
        if (index === undefined) return '–';
        const unit = isError(metric) ? ' %' : '';
        return `${points[index].label}: ${estimate(points[index].figures[metric], metric)}${unit}`;
      };
      const { interpolation } = landmarks;
      const seeds = interpolation.seeds;
      const range = seeds.length < 2 ? '–' : `${interpolation.range} (${seeds.length} of ${interpolation.ofSeeds})`;
      const cells = [
        ...onlyIf(withParameters, place(landmarks.equalsExamples), place(landmarks.equalsExamplesTimesClasses)), place(interpolation),
        ...onlyIf(withParameters, interpolation.parameters === null ? '–' : count(Math.round(interpolation.parameters))), range,
        at(landmarks.errorPeak, 'testError'), at(landmarks.lossPeak, 'testLoss'), at(landmarks.lowestTestError, 'testError')];
      body.append(el('tr', {}, ...(single ? [] : [el('td', { class: 'text first' }, label)]), ...cells.map((text) => el('td', {}, text))));
    }
    table.append(body);
    section.querySelector('.scroll').append(table);
    section.querySelector('.caption').textContent =
      `Places are values of ${axisName}. ` +
      (withParameters ? 'P = n and P = n·K are interpolated between tested values (log P along the axis). ' : '') +
      'The interpolation threshold is where the mean training error first falls to 1 %, interpolated linearly along the axis; ' +
      'over seeds: the lowest and highest place at which a single seed crosses. A peak is the inner point that rises most above both ' +
      'the lowest mean before and the lowest mean after it, given only when its 95 % interval clears both' +
      (oneSeed ? ' (here, with one seed and no interval: when it rises above both by 5 % of itself).' : '.');
  }

  function pointColumns() {
    const last = (key) => key.slice(key.lastIndexOf('.') + 1);
    const varying = data.varying.map((key) => {
      const short = data.varying.filter((other) => last(other) === last(key)).length === 1 ? last(key) : key;
      const values = allPoints.map((p) => p.varying[key] ?? '');
      const isNumeric = values.every((v) => v !== '' && Number.isFinite(Number(v)));
      return { name: words(short), key, first: true, text: !isNumeric, of: (p) => p.varying[key] ?? '',
        rank: (p) => (isNumeric ? Number(p.varying[key]) : p.varying[key] ?? '') };
    });
    const columns = [...varying,
      { name: 'P', key: 'parameters', of: (p) => count(p.parameters), rank: (p) => p.parameters, raw: (p) => p.parameters },
      { name: 'P/n', key: 'parametersPerExample', of: (p) => number(p.parameters / p.trainExamples), rank: (p) => p.parameters / p.trainExamples, raw: (p) => p.parameters / p.trainExamples },
      { name: 'seeds', key: 'done', of: (p) => String(p.done), rank: (p) => p.done, raw: (p) => p.done }];
    if (anyDiverged) {
      columns.push({ name: 'diverged', key: 'diverged', of: (p) => (p.diverged ? String(p.diverged) : ''), rank: (p) => p.diverged, raw: (p) => p.diverged, bad: true });
    }
    columns.push({ name: 'zero training error', key: 'zeroTrainError', of: (p) => `${p.zeroTrainError}/${p.done}`, rank: (p) => p.zeroTrainError / p.done, raw: (p) => p.zeroTrainError });
    for (const set of shownSets) {
      for (const kind of ['Loss', 'Error']) {
        const metric = set.key + kind;
        if (!has(metric)) continue;
        columns.push({ name: `${set.name.toLowerCase()} ${kind.toLowerCase()}${kind === 'Error' ? ' %' : ''}`, key: metric, metric,
          of: (p) => estimate(p.figures[metric], metric), rank: (p) => p.figures[metric]?.mean ?? Infinity,
          raw: (p) => p.figures[metric]?.mean ?? '', seed: (s) => (s[metric] === undefined ? '–' : digits(s[metric] * factor(metric), 4)) });
      }
    }
    return columns;
  }

  function drawPoints() {
    const section = document.getElementById('points');
    if (!allPoints.length) {
      section.hidden = true;
      return;
    }
    const columns = pointColumns();
    const open = new Set();
    let sorted = null;
    const body = el('tbody');
    const header = el('tr', {}, ...columns.map((column) => {
      const sort = () => {
        const ascending = !(sorted && sorted.column === column && sorted.ascending);
        sorted = { column, ascending };
        for (const th of header.children) th.setAttribute('aria-sort', 'none');
        cell.setAttribute('aria-sort', ascending ? 'ascending' : 'descending');
        fill();
      };
      const cell = el('th', { class: column.text ? 'text' : '', 'aria-sort': 'none', tabindex: 0, title: 'Sort', onclick: sort,
        onkeydown: (event) => { if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); sort(); } } }, column.name);
      return cell;
    }));
    const valueCell = (text) => {
      const [mean, half] = text.split(' ± ');
      return half === undefined ? [text] : [mean, el('span', { class: 'half' }, ` ± ${half}`)];
    };
    function seedRows(point) {
      return point.seeds.map((seed) => el('tr', { class: 'seed' }, ...columns.map((column, i) => {
        if (i === 0) return el('td', { class: 'text' }, `   seed ${seed.seed}` + (seed.status === 'completed' ? '' : `, ${seed.status.replace('_', ' ')}`));
        if (column.seed) return el('td', {}, column.seed(seed));
        return el('td', {}, '');
      })));
    }
    function fill() {
      const points = [...allPoints];
      if (sorted) {
        const { column, ascending } = sorted;
        points.sort((a, b) => {
          const [x, y] = [column.rank(a), column.rank(b)];
          return (x < y ? -1 : x > y ? 1 : 0) * (ascending ? 1 : -1);
        });
      }
      body.replaceChildren(...points.flatMap((point) => {
        const turn = el('button', { type: 'button', class: 'turn', 'aria-expanded': String(open.has(point)), 'aria-label': 'seeds' }, open.has(point) ? '▾' : '▸');
        const row = el('tr', { class: 'point', onclick: () => { toggle(open, point); fill(); } },
          ...columns.map((column, i) => el('td', { class: [column.first ? 'first' : '', column.text ? 'text' : '', column.bad ? 'bad' : ''].join(' ').trim() },
            ...(i === 0 ? [turn] : []), ...valueCell(column.of(point)))));
        return open.has(point) ? [row, ...seedRows(point)] : [row];
      }));
    }
    fill();
    section.querySelector('.scroll').append(el('table', {}, el('thead', {}, header), body));
    const bar = section.querySelector('.bar');
    bar.append(
      el('button', { type: 'button', onclick: (event) => {
        if (open.size) open.clear();
        else allPoints.forEach((point) => open.add(point));
        event.target.textContent = open.size ? 'Hide seeds' : 'Show seeds';
        fill();
      } }, 'Show seeds'),
      copyButton('Copy as CSV', () => csv(columns)),
      el('button', { type: 'button', onclick: () => download(`${data.name}-points.csv`, new Blob([csv(columns)], { type: 'text/csv' })) }, 'Download CSV'),
      el('span', { class: 'caption' }, oneSeed ? 'One seed a point.' : 'Mean over seeds ± half the width of its 95 % confidence interval. Errors in per cent.'));
  }

  /** One row a point, numbers in full; errors are fractions here as in results.csv. */
  function csv(columns) {
    const quote = (value) => (/[",\r\n]/.test(String(value)) ? `"${String(value).replace(/"/g, '""')}"` : String(value));
    const head = columns.flatMap((c) => (c.metric ? [c.key, c.key + 'HalfWidth', c.key + 'StandardDeviation'] : [c.key]));
    const rows = allPoints.map((p) => columns.flatMap((c) => (c.metric
      ? [c.raw(p), p.figures[c.metric]?.halfWidth ?? '', p.figures[c.metric]?.standardDeviation ?? '']
      : [c.raw ? c.raw(p) : c.of(p)])));
    return [head, ...rows].map((row) => row.map(quote).join(',')).join('\n') + '\n';
  }

  function copyButton(label, text) {
    const button = el('button', { type: 'button', onclick: async () => {
      let copied = true;
      try {
        await navigator.clipboard.writeText(text());
      } catch {
        // Browsers give no clipboard to some file:// pages.
        const area = el('textarea', {}, text());
        document.body.append(area);
        area.select();
        copied = document.execCommand('copy');
        area.remove();
      }
      button.textContent = copied ? 'Copied' : 'Could not copy';
      setTimeout(() => { button.textContent = label; }, 1500);
    } }, label);
    return button;
  }

  /** Where the comment of a YAML line starts: a # outside quotes, at the start or after a space. */
  function commentStart(line) {
    let quote = '';
    for (let i = 0; i < line.length; i++) {
      const c = line[i];
      if (quote) quote = c === quote ? '' : quote;
      else if (c === '"' || c === "'") quote = c;
      else if (c === '#' && (i === 0 || /\s/.test(line[i - 1]))) return i;
    }
    return line.length;
  }

  function drawExperiment() {
    const section = document.getElementById('experiment');
    section.querySelector('.bar').append(copyButton('Copy', () => data.experiment));
    const pre = section.querySelector('pre');
    for (const line of data.experiment.replace(/\n$/, '').split('\n')) {
      const start = commentStart(line);
      const text = line.slice(0, start);
      const comment = line.slice(start);
      const key = text.match(/^(\s*(?:- )?)([\w.\-/]+)(:(?:\s.*)?)$/);
      if (key) pre.append(key[1], el('span', { class: 'key' }, key[2]), key[3]);
      else pre.append(text);
      if (comment) pre.append(el('span', { class: 'comment' }, comment));
      pre.append('\n');
    }
  }

  function drawProvenance() {
    const body = el('tbody', {}, ...data.provenance.map(([key, value]) =>
      el('tr', {}, el('td', {}, key), el('td', {}, value))));
    document.querySelector('#provenance .scroll').append(el('table', {}, body));
  }

  // ---------------------------------------------------------------- theme and paper

  const systemDark = matchMedia('(prefers-color-scheme: dark)');
  const themeButton = document.getElementById('theme');
  let chosenTheme = null;

  function setTheme(theme) {
    root.dataset.theme = theme;
    themeButton.textContent = theme === 'dark' ? 'Light' : 'Dark';
  }

  const currentTheme = () => chosenTheme || (systemDark.matches ? 'dark' : 'light');

  themeButton.addEventListener('click', () => {
    chosenTheme = currentTheme() === 'dark' ? 'light' : 'dark';
    setTheme(chosenTheme);
    refresh();
  });
  systemDark.addEventListener('change', () => {
    setTheme(currentTheme());
    refresh();
  });

  addEventListener('beforeprint', () => {
    root.classList.add('printing');
    setTheme('light');
    refresh();
  });
  addEventListener('afterprint', () => {
    root.classList.remove('printing');
    setTheme(currentTheme());
    refresh();
  });

  // ---------------------------------------------------------------- all of it

  setTheme(currentTheme());
  drawHeader();
  addAgainst();
  addTraining();
  drawLandmarks();
  drawPoints();
  drawExperiment();
  drawProvenance();
  refresh();

  return {
    data, state, allPoints, single, numeric, oneSeed, LOG, LINEAR, FONT, redraws,
    el, escapeHtml, number, digits, count, plural, css, dark, viridis, wholeViridis, seriesColour, seriesSymbol,
    acrossScale, acrossAxis, visibleSeries, axisStyle, logAxis, logTicks, minMax,
    addFigure, draw, refresh, download, copyButton, band, marks, markSeries, gridUnder, tooltip, acrossTooltip, swatch,
    legend, legendRows, legendHeight, pointName, curvePoints, curveColour, trainingOption, drawCurveBar,
    control, segments, select,
  };
})();
