/* Prediction beside measurement: figures that teach, and what comparisons came to. */
const theoryFigures = (() => {
  const { data, LOG, LINEAR, el, escapeHtml, number, plural, css, viridis, seriesColour, axisStyle, logAxis,
    logTicks, minMax, addFigure, draw, refresh, band, tooltip, legendRows, legendHeight, pointName, control, select } = report;

  /** With more points, a band and small dots are easier to read than bars. */
  const MOST_BARS = 30;

  const ICONS = {
    measured: 'circle',
    predicted: 'path://M0,3H22V5H0Z',
    bound: 'path://M0,3H6V5H0ZM8,3H14V5H8ZM16,3H22V5H16Z',
  };

  // ---------------------------------------------------------------- one figure

  /** The traces that have numbers, each with its colour and its name. */
  function tracesOf(heading, groups) {
    const order = { measured: 0, predicted: 0, bound: 0 };
    const places = heading.traces.map(({ style }) => order[style]++);
    return groups.flatMap((group, g) => group.traces.flatMap((curve, t) => {
      if (!curve) return [];
      const { label, style } = heading.traces[t];
      const colour = heading.group ? groupColour(g, groups.length) : traceColour(style, places[t], order.measured);
      return [{ ...curve, label, style, colour, group: heading.group ? `${heading.group} ${number(group.value)}` : '' }];
    }));
  }

  const groupColour = (index, count) => (count > 2 ? viridis(index / (count - 1)) : seriesColour(index));

  /** The n-th prediction goes with the n-th measurement; one alone stands out from it. */
  function traceColour(style, place, measured) {
    if (style === 'bound') return css('threshold');
    if (style === 'predicted' && (measured < 2 || place >= measured)) return css('c1');
    return seriesColour(measured < 2 ? 0 : [0, 1, 2, 3, 5, 4, 6][place % 7]);
  }

  function option(heading, groupsOf) {
    return (figure, width) => {
      const traces = tracesOf(heading, groupsOf() || []);
      const x = heading.x.log ? LOG : LINEAR;
      const y = heading.y.log ? LOG : LINEAR;
      const values = traces.flatMap((trace) => [...trace.y, ...(trace.high || []), ...(trace.low || [])])
        .filter((value) => value !== null && (!heading.y.log || value > 0));
      const yAxis = { ...(heading.y.log ? logAxis(values) : linearAxis(values)), name: heading.y.label, nameGap: 9,
        nameTextStyle: { color: css('soft'), fontSize: 12, align: 'left', padding: [0, 0, 0, -6] } };
      const parts = traces.flatMap((trace) => drawn(trace, x, y, yAxis.min));
      const names = legendOf(heading, traces);
      // A legend's entry needs a series of its name.
      parts.push(...names.map(({ name }) => ({ type: 'line', name, data: [] })));
      figure.extraHeight = legendHeight(legendRows(names, width));
      return {
        grid: { left: 8, right: 18, top: 10, bottom: figure.extraHeight, outerBoundsMode: 'same' },
        legend: { bottom: 0, left: 'center', itemWidth: 22, itemHeight: 8, itemGap: 16, selectedMode: false,
          textStyle: { color: css('soft'), fontSize: 12 },
          data: names.map(({ name, icon, colour }) => ({ name, icon, itemStyle: { color: colour, opacity: 1, borderWidth: 0 } })) },
        xAxis: abscissa(heading.x, x, traces), yAxis, series: parts,
        tooltip: tooltip((at) => nearest(heading, traces, x, at)),
      };
    };
  }

  function abscissa({ label, log }, x, traces) {
    const at = traces.flatMap((trace) => trace.x).map(x.to);
    const [first, last] = at.length ? minMax(at) : [0, 1];
    const pad = 0.03 * (last - first) || 0.5;
    // Where counts begin at 0 there is nothing to the left of it.
    const low = !log && first >= 0 && first < 2 * pad ? 0 : first - pad;
    const high = last + pad;
    const style = axisStyle();
    const ticks = log ? logTicks(low, high) : null;
    return { ...style, type: 'value', min: low, max: high, name: label, nameLocation: 'middle', nameGap: 26, splitLine: { show: false },
      axisTick: ticks ? { ...style.axisTick, customValues: ticks } : style.axisTick,
      axisLabel: ticks ? { ...style.axisLabel, customValues: ticks, formatter: (p) => number(10 ** p) }
        : { ...style.axisLabel, showMinLabel: low === 0, showMaxLabel: false, formatter: number } };
  }

  function linearAxis(values) {
    const style = axisStyle();
    const axis = { ...style, type: 'value', axisLabel: { ...style.axisLabel, formatter: number } };
    if (!values.length) return axis;
    const [low, high] = minMax(values);
    if (low >= 0 && low < 0.6 * high) return { ...axis, min: 0, max: high <= 1 && high > 0.9 ? 1 : undefined };
    return { ...axis, scale: true };
  }

  /** What one trace puts on the chart. */
  function drawn(trace, x, y, floor) {
    const { label, style, colour } = trace;
    const data = trace.x.map((at, i) => [x.to(at), y.to(trace.y[i])]);
    const plain = { name: label, emphasis: { disabled: true }, itemStyle: { color: colour } };
    if (style !== 'measured') {
      return [{ ...plain, type: 'line', z: 3, data, showSymbol: data.length === 1,
        ...(data.length === 1 ? { symbol: 'rect', symbolSize: [14, 2] } : { symbol: 'circle', symbolSize: 5 }),
        lineStyle: { color: colour, width: style === 'bound' ? 1.6 : 2, type: style === 'bound' ? 'dashed' : 'solid' } }];
    }
    const many = data.length > MOST_BARS;
    const parts = [{ ...plain, type: 'scatter', z: 5, data, symbol: 'circle', symbolSize: many ? 4 : 7 }];
    if (!trace.high) return parts;
    const rows = trace.x.map((at, i) => {
      const [low, high] = [trace.low[i], trace.high[i]];
      if (high === null) return null;
      // An end without a logarithm lies below every value.
      return [x.to(at), low === null || (y === LOG && low <= 0) ? floor ?? y.to(trace.y[i]) : y.to(low), y.to(high)];
    });
    // Bars and bands are no data to the axis; what nobody sees makes room for them.
    parts.unshift({ type: 'scatter', silent: true, symbolSize: 0, tooltip: { show: false },
      data: rows.filter(Boolean).flatMap(([at, low, high]) => [[at, low], [at, high]]) });
    parts.push(many ? band(label, rows, colour, true) : bars(label, rows.filter(Boolean), colour));
    return parts;
  }

  /** Intervals as bars with caps. */
  function bars(name, rows, colour) {
    return { type: 'custom', name, silent: true, clip: true, z: 4, tooltip: { show: false }, data: rows, itemStyle: { color: colour },
      renderItem: (params, api) => {
        const [at, low, high] = rows[params.dataIndex];
        const [left, top] = api.coord([at, high]);
        const bottom = api.coord([at, low])[1];
        const line = (x1, y1, x2, y2) => ({ type: 'line', shape: { x1, y1, x2, y2 }, style: { stroke: colour, lineWidth: 1.5 } });
        return { type: 'group', children: [line(left, top, left, bottom), line(left - 4, top, left + 4, top), line(left - 4, bottom, left + 4, bottom)] };
      } };
  }

  function legendOf(heading, traces) {
    const entries = new Map();
    if (heading.group) {
      for (const { group, colour } of traces) entries.set(group, { name: group, icon: 'roundRect', colour });
    }
    for (const { label, style, colour } of traces) {
      if (!entries.has(label)) entries.set(label, { name: label, icon: ICONS[style], colour: heading.group ? css('soft') : colour });
    }
    return [...entries.values()];
  }

  /** Every trace's number at the tabulated place nearest to `at`. */
  function nearest(heading, traces, x, at) {
    let where = null;
    for (const trace of traces) {
      for (const value of trace.x) {
        if (where === null || Math.abs(x.to(value) - at) < Math.abs(x.to(where) - at)) where = value;
      }
    }
    const text = (trace) => {
      const i = trace ? trace.x.indexOf(where) : -1;
      if (i < 0) return '–';
      return number(trace.y[i]) + (trace.high && trace.high[i] !== null ? ` (${number(trace.low[i])} to ${number(trace.high[i])})` : '');
    };
    const labels = [...new Set(traces.map(({ label }) => label))];
    const groups = [...new Set(traces.map(({ group }) => group))];
    const mark = (trace) => (trace.style === 'measured' && !heading.group
      ? `<i class="dot" style="background:${trace.colour}"></i>`
      : `<i style="border-top-color:${trace.colour};border-top-style:${trace.style === 'bound' ? 'dashed' : 'solid'}"></i>`);
    const find = (group, label) => traces.find((trace) => trace.group === group && trace.label === label);
    const rows = heading.group
      ? [`<tr><td></td>${labels.map((label) => `<td>${escapeHtml(label)}</td>`).join('')}</tr>`, ...groups.map((group) =>
        `<tr><td>${mark(traces.find((trace) => trace.group === group))}${escapeHtml(group)}</td>` +
        `${labels.map((label) => `<td>${text(find(group, label))}</td>`).join('')}</tr>`)]
      : traces.map((trace) => `<tr><td>${mark(trace)}${escapeHtml(trace.label)}</td><td>${text(trace)}</td></tr>`);
    return `<b>${escapeHtml(heading.x.label)}: ${number(where)}</b><table>${rows.join('')}</table>`;
  }

  function addTaught(parent, heading, groupsOf) {
    return addFigure(parent, { title: heading.title, size: 'taught', height: 300, option: option(heading, groupsOf),
      caption: () => (groupsOf() ? heading.text : `Nothing of this was measured at this network. ${heading.text}`) });
  }

  // ---------------------------------------------------------------- comparisons

  const VERDICTS = {
    agrees: { mark: '✓', words: 'agrees' },
    disagrees: { mark: '✗', words: 'disagrees' },
    undecided: { mark: '?', words: 'undecided' },
  };

  const verdict = (key, words = VERDICTS[key].words) =>
    el('span', { class: `verdict ${key}` }, el('b', { 'aria-hidden': 'true' }, VERDICTS[key].mark), ` ${words}`);

  function svg(tag, properties, ...children) {
    const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
    for (const [name, value] of Object.entries(properties)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  }

  /** The interval as a bar, what was measured as a dot in it, the prediction as a line across. */
  function picture({ measured, low, high, predicted, tolerance, verdict: key }) {
    if (low === null || high === null || predicted === null || !(high > low)) return '';
    const [from, to] = minMax([low, high, predicted - tolerance, predicted + tolerance]);
    const at = (value) => 6 + (108 * (value - from)) / (to - from);
    const parts = [
      svg('line', { x1: at(low), x2: at(high), y1: 9, y2: 9, class: 'interval' }),
      svg('circle', { cx: at(measured), cy: 9, r: 3, class: 'measured' }),
      svg('rect', { x: at(predicted - tolerance) - 1, width: at(predicted + tolerance) - at(predicted - tolerance) + 2, y: 1, height: 16, class: 'predicted', opacity: tolerance > 0 ? 0.35 : 1 })];
    return svg('svg', { width: 120, height: 18, class: `picture ${key}`, role: 'img', 'aria-label': 'interval and prediction' }, ...parts);
  }

  /** Why, beside the interval itself. */
  const WHY = { agrees: 'theory is in the interval', disagrees: 'theory is outside the interval', undecided: 'the interval is too wide to say' };

  /** One row a comparison; what is exact has no interval, and says why in words. */
  function comparisonTable(comparisons, confidence) {
    const head = el('tr', {}, ...['quantity', confidence ? `measured (${confidence} interval)` : 'measured', 'theory', 'interval\u00a0━ theory\u00a0┃', 'verdict', 'why'].map((text, i) =>
      el('th', { class: i === 1 || i === 2 ? '' : 'text', scope: 'col' }, text)));
    const rows = comparisons.map((each) => el('tr', {},
      el('th', { class: 'text first', scope: 'row' }, each.quantity),
      el('td', {}, number(each.measured), ...(each.high > each.low ? [el('span', { class: 'half' }, ` (${number(each.low)} to ${number(each.high)})`)] : [])),
      el('td', {}, number(each.predicted), ...(each.tolerance > 0 ? [el('span', { class: 'half' }, ` ± ${number(Number(each.tolerance.toPrecision(2)))}`)] : [])),
      el('td', { class: 'text' }, picture(each)),
      el('td', { class: 'text' }, verdict(each.verdict)),
      el('td', { class: 'text why' }, each.high > each.low ? WHY[each.verdict] : each.reason)));
    return el('div', { class: 'scroll comparisons' }, el('table', {}, el('thead', {}, head), el('tbody', {}, ...rows)));
  }

  /** "✓ 3 of 3", and how many came out otherwise, with the reasons on hover. */
  function tally(seeds) {
    if (!seeds.length) return el('td', { class: 'text' }, '–');
    const counts = ['agrees', 'disagrees', 'undecided'].map((key) => [key, seeds.filter((seed) => seed[1] === key).length]).filter(([, n]) => n);
    return el('td', { class: 'text', title: seeds.map(([seed, key, reason]) => `seed ${seed} ${VERDICTS[key].words}: ${reason}`).join('\n') },
      ...counts.flatMap(([key, n], i) => [i ? el('br') : '', verdict(key, key === 'agrees' ? `${n} of ${seeds.length}` : `${n} ${VERDICTS[key].words.replace(/s$/, n === 1 ? 's' : '')}`)]));
  }

  /** A table of quantities by points for each series, and under it why some do not agree. */
  function addTallies(section, theory) {
    data.series.forEach((series, s) => {
      const head = el('tr', {}, el('th', { class: 'text', scope: 'col' }, series.label || 'quantity'),
        ...series.points.map((point) => el('th', { class: 'text', scope: 'col' }, pointName(point))));
      const rows = theory.comparisons.map((quantity) => el('tr', {}, el('th', { class: 'text first', scope: 'row' }, quantity.quantity),
        ...quantity.series[s].map(tally)));
      section.append(el('div', { class: 'scroll comparisons' }, el('table', {}, el('thead', {}, head), el('tbody', {}, ...rows))));
    });
    const others = theory.comparisons.flatMap((quantity) => quantity.series.flatMap((points, s) => points.flatMap((seeds, p) =>
      seeds.filter(([, key]) => key !== 'agrees').map(([seed, key, reason]) => el('li', {}, verdict(key),
        ` ${quantity.quantity}, ${[data.series[s].label, pointName(data.series[s].points[p])].filter(Boolean).join(', ')}, seed ${seed}: ${reason}`)))));
    if (others.length) {
      section.append(el('details', { class: 'numbers' }, el('summary', {}, `Why ${plural(others.length, 'comparison')} ${others.length === 1 ? 'does' : 'do'} not agree`),
        el('ul', { class: 'reasons' }, ...others)));
    }
  }

  // ---------------------------------------------------------------- probes

  const claimOf = (text) => el('p', { class: 'claim' }, el('b', {}, 'Theory. '), text);

  function addClaim(section, probe) {
    if (probe.theory.claim) section.append(claimOf(probe.theory.claim));
  }

  /** Figures of one network to choose, and what the comparisons of all came to. */
  function addProbe(section, probe) {
    const { theory } = probe;
    const kept = (theory.replicas || []).flatMap((points, s) => points.map((seeds, p) => ({ s, p, seeds }))).filter(({ seeds }) => seeds.length);
    if (kept.length) addChosen(section, theory, kept);
    if (theory.comparisons.length) {
      section.append(el('h3', { class: 'part' }, 'Predictions, network by network'), el('p', { class: 'summary' }, theory.summary));
      addTallies(section, theory);
    }
  }

  function addChosen(section, theory, kept) {
    const first = kept.filter(({ s }) => s === kept[0].s);
    const chosen = { at: kept.indexOf(first[first.length >> 1]), seed: 0 };
    const bar = el('div', { class: 'bar' });
    const parent = el('div', { class: 'figures' });
    const curves = (f) => kept[chosen.at].seeds[chosen.seed].curves[f];
    const drawnFigures = [];
    const nameOf = ({ s, p }) => [data.series[s].label, pointName(data.series[s].points[p])].filter(Boolean).join(', ');
    const redraw = () => {
      const { seeds } = kept[chosen.at];
      bar.replaceChildren(control('Network', select(kept.map((each, i) => [i, nameOf(each)]), chosen.at, (value) => {
        chosen.at = Number(value);
        chosen.seed = 0;
        redraw();
      })), control('Seed', select(seeds.map(({ seed }, i) => [i, seed]), chosen.seed, (value) => {
        chosen.seed = Number(value);
        redraw();
      })));
      if (theory.seedsKept !== undefined) {
        bar.append(el('span', { class: 'caption' }, `The first ${plural(theory.seedsKept, 'seed')} of each point ${theory.seedsKept === 1 ? 'is' : 'are'} kept here.`));
      }
      drawnFigures.forEach(draw);
    };
    const predicts = theory.figures.some(({ traces }) => traces.some(({ style }) => style !== 'measured'));
    section.append(el('h3', { class: 'part' }, predicts ? 'Prediction and measurement in one network' : 'One network at a time'), bar, parent);
    theory.figures.forEach((heading, f) => drawnFigures.push(addTaught(parent, heading, () => curves(f))));
    redraw();
  }

  // ---------------------------------------------------------------- studies

  function addStudies() {
    const section = document.getElementById('theory');
    if (!data.studies.length) return;
    section.hidden = false;
    section.append(el('h2', {}, 'Theory, tested'),
      el('p', { class: 'caption' }, 'Experiments on functions whose answer is known. Points are measured, with the interval that covers the truth with the ' +
        'study\'s confidence; lines are predicted, not fitted, unless the text says so; dashed lines are bounds, or what the text says.'),
      el('ul', { class: 'summaries' }, ...data.studies.map(({ key, summary, comparisons }) => el('li', {}, verdict(worst(comparisons), ''),
        el('a', { href: `#study-${key}` }, summary)))));
    for (const study of data.studies) {
      const part = el('section', { id: `study-${study.key}`, class: 'study' }, el('h3', {}, study.name));
      section.append(part);
      if (study.claim) part.append(claimOf(study.claim));
      const figures = el('div', { class: 'figures' });
      part.append(figures);
      study.figures.forEach((heading) => addTaught(figures, heading, () => heading.curves));
      part.append(el('p', { class: 'summary' }, study.summary), comparisonTable(study.comparisons, study.confidence),
        el('details', { class: 'numbers' }, el('summary', {}, 'Settings'), el('dl', { class: 'conditions' },
          ...study.conditions.map(([name, words]) => el('div', {}, el('dt', {}, name), el('dd', {}, words))))));
    }
    refresh();
  }

  const worst = (comparisons) => ['disagrees', 'undecided'].find((key) => comparisons.some((each) => each.verdict === key)) ||
    (comparisons.length ? 'agrees' : 'undecided');

  addStudies();

  return { addClaim, addProbe };
})();
