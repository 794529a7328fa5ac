/* A probe's figures against the axis of the sweep, and the same as a table. */
const scalarFigures = (() => {
  const { data, state, single, numeric, LOG, LINEAR, el, number, digits, plural, css, seriesColour,
    seriesSymbol, acrossScale, acrossAxis, visibleSeries, axisStyle, logAxis, minMax, addFigure, band, marks, markSeries,
    gridUnder, acrossTooltip, legend, legendRows, legendHeight, copyButton, download } = report;

  const MARKS = { agrees: '✓', disagrees: '✗', undecided: '?' };

  /** Where a point of the sweep stands: its series and its place in it. */
  const place = new Map(data.series.flatMap((series, s) => series.points.map((point, p) => [point, [s, p]])));

  const valueOf = (scalar, point) => {
    const [s, p] = place.get(point);
    return scalar.series[s].points[p];
  };

  /** "7.16 ± 0.31": mean and half the width of the interval; with one seed the value alone. */
  function brief(value) {
    if (value.mean === null) return leftOut(value) || '–';
    return value.halfWidth === null ? digits(value.mean, 4) : `${digits(value.mean, 4)} ± ${digits(value.halfWidth, 2)}`;
  }

  /** What is in no mean, in words. */
  function leftOut({ notConverged, notFinite }) {
    return [notConverged && `${notConverged} not converged`, notFinite && `${notFinite} not finite`]
      .filter(Boolean).join(', ');
  }

  function whole(value) {
    const words = [];
    if (value.mean !== null) {
      words.push(plural(value.count, 'seed'));
      if (value.count === 1 && value.standardError) words.push(`standard error within it ${number(value.standardError)}`);
      if (value.dominant) words.push(`error mostly ${value.dominant}, ${Math.round(100 * value.dominantShare)} %`);
    }
    const missing = value.mean === null ? '' : leftOut(value);
    if (missing) words.push(missing);
    return brief(value) + (words.length ? ` (${words.join('; ')})` : '');
  }

  /** Whether a logarithmic axis can show every value. */
  const allPositive = (scalar) => scalar.series.every((series) => series.points.every((point) =>
    (point.mean === null || point.mean > 0) && point.seeds.every(([, value]) => value === null || value > 0)));

  function option(probe) {
    return (figure, width) => {
      const scalar = probe.scalars.find((each) => each.key === figure.choice.scalar);
      const logarithmic = figure.choice.scale === 'log' && allPositive(scalar);
      const y = logarithmic ? LOG : LINEAR;
      const x = acrossScale();
      const usable = (value) => (value === null || (logarithmic && value <= 0) ? null : y.to(value));
      const entries = visibleSeries().map(({ series, index }) => ({
        series, index, colour: single ? css('accent') : seriesColour(index), dash: 'solid',
        symbol: seriesSymbol(single ? 0 : index), name: single ? scalar.name : series.label,
        text: (point) => whole(valueOf(scalar, point)),
      }));
      const values = entries.flatMap(({ series }) => series.points.flatMap((point) => {
        const { mean, seeds } = valueOf(scalar, point);
        return [mean, ...seeds.map((seed) => seed[1])];
      })).filter((value) => value !== null && (!logarithmic || value > 0));
      values.push(...bandEnds(scalar, entries, values, y));
      const yAxis = logarithmic ? logAxis(values)
        : { ...axisStyle(), type: 'value', scale: !values.some((value) => value <= 0) && figure.choice.scale === 'log',
          axisLabel: { ...axisStyle().axisLabel, formatter: number } };
      // The band is no data to the axis; these two make room for it.
      const parts = [{ type: 'scatter', silent: true, symbolSize: 0, tooltip: { show: false },
        data: logarithmic || !values.length ? [] : minMax(values).map((value) => [x.of(entries[0].series.points[0]), value]) }];
      for (const { series, index, colour, symbol, name } of entries) {
        const rows = series.points.map((point) => {
          const { mean, halfWidth } = valueOf(scalar, point);
          if (mean === null || halfWidth === null) return null;
          const low = logarithmic && mean - halfWidth <= 0 ? yAxis.min : y.to(mean - halfWidth);
          return [x.of(point), low, y.to(mean + halfWidth)];
        });
        if (rows.some(Boolean)) parts.push(band(name, rows, colour));
        const marks = (converged) => series.points.flatMap((point) => valueOf(scalar, point).seeds
          .filter((seed) => seed[3] === converged).map((seed) => [x.of(point), usable(seed[1])]))
          .filter((at) => at[1] !== null);
        const style = { type: 'scatter', name, silent: true, z: 3, symbol: 'circle', tooltip: { show: false },
          emphasis: { disabled: true } };
        if (state.seeds) {
          parts.push({ ...style, symbolSize: 3.5, itemStyle: { color: colour, opacity: 0.45 }, data: marks(true) });
        }
        parts.push({ ...style, symbolSize: 8, z: 5, itemStyle: { color: 'transparent', borderColor: colour,
          borderWidth: 1.6 }, data: marks(false) });
        parts.push({ type: 'line', name, z: 4, symbol, symbolSize: 6, showAllSymbol: true,
          data: series.points.map((point) => [x.of(point), usable(valueOf(scalar, point).mean)]),
          emphasis: { disabled: true }, itemStyle: { color: colour },
          lineStyle: { width: numeric ? 2.2 : 0, color: colour } });
        parts.push(...powerLaw(scalar.series[index].slope, 'dotted', series, logarithmic, x, colour));
        parts.push(...powerLaw(scalar.series[index].law, 'dashed', series, logarithmic, x, single ? css('c1') : colour));
      }
      const found = marks(width);
      const names = single ? [] : entries.map(({ name, colour }) => ({ name, colour }));
      figure.extraHeight = names.length ? legendHeight(legendRows(names, width)) : 0;
      parts.push(markSeries(found));
      return {
        grid: { ...gridUnder(found), ...(names.length ? { bottom: figure.extraHeight } : {}) },
        legend: names.length ? legend(names, width) : undefined,
        xAxis: acrossAxis(width), yAxis, series: parts, tooltip: acrossTooltip(entries),
      };
    };
  }

  /** Ends of the bands, as far as they lie beyond the values by no more than the values' own range. */
  function bandEnds(scalar, entries, values, y) {
    const [low, high] = minMax(values.map(y.to));
    const room = Math.max(high - low, 1e-12);
    return entries.flatMap(({ series }) => series.points.flatMap((point) => {
      const { mean, halfWidth } = valueOf(scalar, point);
      if (mean === null || halfWidth === null) return [];
      return [mean - halfWidth, mean + halfWidth].map((end) => (y === LOG && end <= 0 ? low - room
        : Math.min(high + room, Math.max(low - room, y.to(end))))).map(y.from);
    }));
  }

  /** A fitted or predicted power law, where both axes are logarithmic: a straight line there. */
  function powerLaw(law, dash, series, logarithmic, x, colour) {
    if (!law || !logarithmic || data.axis.scale !== 'log' || state.x === 'parameters') return [];
    const ends = [series.points[0], series.points[series.points.length - 1]];
    return [{ type: 'line', silent: true, symbol: 'none', z: 2, tooltip: { show: false }, emphasis: { disabled: true },
      lineStyle: { color: colour, width: dash === 'dotted' ? 1.2 : 1.6, type: dash },
      data: ends.map((point) => [x.of(point), (law.logFactor + law.value * Math.log(point.x)) / Math.LN10]) }];
  }

  function caption(probe) {
    return (figure) => {
      const scalar = probe.scalars.find((each) => each.key === figure.choice.scalar);
      const texts = [];
      visibleSeries().slice(0, 4).forEach(({ series, index }) => {
        const { slope, noSlope, law } = scalar.series[index];
        const text = slope ? slope.text : noSlope ? `no log–log slope: ${noSlope}` : '';
        if (text) texts.push(capital(single ? text : `${series.label}: ${text}`) + '.' + (law ? ` ${MARKS[law.verdict]} ${law.text}` : ''));
      });
      const shown = visibleSeries().map(({ index }) => scalar.series[index]);
      const missing = shown.length > 1 && new Set(shown.map(({ noSlope }) => noSlope)).size === 1 && shown[0].noSlope;
      if (missing) texts.splice(0, texts.length, `No log–log slope: ${missing}.`);
      const open = shown.reduce((sum, each) => sum + each.notConverged, 0);
      const lost = shown.reduce((sum, each) => sum + each.notFinite, 0);
      if (open) texts.push(`${plural(open, 'replica')} did not converge: hollow marks, in no mean and no slope.`);
      if (lost) texts.push(`${plural(lost, 'replica')} gave no finite number, in no mean.`);
      if (figure.choice.scale === 'log' && !allPositive(scalar)) texts.push('Not all values are positive: the axis is linear.');
      texts.push(noBand(scalar)
        ? 'One seed a point, so no band can be drawn.'
        : `${numeric ? 'Band' : 'Bar'}: 95 % confidence interval of the mean, from the spread over seeds and the errors that seeds share` +
          `${dotted(figure, shown) ? '; dotted: the fitted power law' : ''}` +
          `${dotted(figure, shown) && shown.some(({ law }) => law) ? '; dashed: theory\'s for the limit of wide networks, through the middle of the points' : ''}.`);
      if (scalar.definition) texts.unshift(`${scalar.definition}.`);
      return texts.join('\n');
    };
  }

  const dotted = (figure, shown) => figure.choice.scale === 'log' && data.axis.scale === 'log' && state.x !== 'parameters' &&
    shown.some(({ slope, points }) => slope && points.every((point) => point.mean === null || point.mean > 0));
  const noBand = (scalar) => scalar.series.every((series) => series.points.every((point) => point.halfWidth === null));
  const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

  /** The figures that charts begin with: those that theory predicts, or else the first two. */
  function firstShown(probe) {
    const predicted = probe.scalars.filter((scalar) => scalar.series.some(({ law }) => law));
    return predicted.length ? predicted.slice(0, 4) : probe.scalars.slice(0, 2);
  }

  /** Charts, each with a choice of the figure that it draws. */
  function addScalars(parent, probe) {
    if (data.axis.scale === 'none') return;
    const values = probe.scalars.map(({ key, name }) => [key, capital(name)]);
    for (const { key } of firstShown(probe)) {
      addFigure(parent, {
        title: (figure) => capital(probe.scalars.find((each) => each.key === figure.choice.scalar).name), height: 330,
        switches: [
          { name: 'scalar', title: `Figure of the ${probe.name} probe`, values, first: key },
          { name: 'scale', values: [['log', 'log'], ['linear', 'linear']] }],
        option: option(probe), caption: caption(probe) });
    }
  }

  /** One table a series: a row a figure, a column a point, the slope last. */
  function addNumbers(parent, probe) {
    const details = el('details', { class: 'numbers' }, el('summary', {}, `Numbers of the ${probe.name} probe`));
    if (data.axis.scale === 'none') details.open = true;
    data.series.forEach((series, s) => {
      const head = el('tr', {}, el('th', { class: 'text', scope: 'col' }, single ? 'figure' : series.label),
        ...series.points.map((point) => el('th', { scope: 'col' }, report.pointName(point))),
        ...(numeric ? [el('th', { scope: 'col' }, 'log–log slope')] : []));
      const rows = probe.scalars.map((scalar) => {
        const { points, slope, noSlope, law } = scalar.series[s];
        return el('tr', { title: scalar.definition },
          el('th', { class: 'text first', scope: 'row' }, scalar.name),
          ...points.map((value) => {
            const missing = leftOut(value);
            return el('td', { title: whole(value) }, value.mean === null && missing ? '' : brief(value),
              ...(missing ? [el('span', { class: 'bad' }, ` ${missing}`)] : []));
          }),
          ...(numeric ? [el('td', { title: noSlope || `over ${slope.points} points` }, slope
            ? `${signed(slope.value)} (${signed(slope.low)} to ${signed(slope.high)})` : '–',
          ...(law ? [el('div', { class: `verdict ${law.verdict}`, title: law.text }, el('b', {}, MARKS[law.verdict]),
            ` theory ${signed(law.value)}`)] : []))] : []));
      });
      details.append(el('div', { class: 'scroll' }, el('table', {}, el('thead', {}, head), el('tbody', {}, ...rows))));
    });
    const file = `${data.name}-${probe.key}.csv`;
    details.append(el('div', { class: 'bar' }, copyButton('Copy as CSV', () => csv(probe)),
      el('button', { type: 'button', onclick: () => download(file, new Blob([csv(probe)], { type: 'text/csv' })) }, 'Download CSV'),
      el('span', { class: 'caption' }, 'Mean over seeds ± half the width of its 95 % confidence interval; a value that did not converge ' +
        'is in no mean. The slope is of ordinary least squares on logarithms, with its 95 % interval.')));
    parent.append(details);
  }

  const signed = (value) => value.toFixed(2).replace(/^-(0\.00)$/, '$1').replace('-', '−');

  /** One row a figure and point, in full. */
  function csv(probe) {
    const quote = (value) => (/[",\r\n]/.test(String(value)) ? `"${String(value).replace(/"/g, '""')}"` : String(value ?? ''));
    const rows = [['series', data.axis.key || 'point', 'figure', 'mean', 'halfWidth', 'standardError', 'seeds', 'notConverged', 'notFinite', 'mostError']];
    for (const scalar of probe.scalars) {
      data.series.forEach((series, s) => series.points.forEach((point, p) => {
        const value = scalar.series[s].points[p];
        rows.push([series.label, point.label, scalar.key, value.mean, value.halfWidth, value.standardError,
          value.count, value.notConverged || 0, value.notFinite || 0, value.dominant]);
      }));
    }
    return rows.map((row) => row.map(quote).join(',')).join('\n') + '\n';
  }

  return { addScalars, addNumbers, capital };
})();
