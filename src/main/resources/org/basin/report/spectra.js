/* Spectral densities as ridgelines: one ridge a point, the first at the bottom. */
const spectrumFigures = (() => {
  const { data, state, escapeHtml, number, css, dark, axisStyle, minMax, addFigure, tooltip, swatch,
    curvePoints, curveColour, pointName } = report;
  const { capital } = scalarFigures;

  const ROW = 46;
  const OVERLAP = 1.7;
  /** Densities below this share of the greatest are at the foot of a ridge on a logarithmic axis. */
  const FLOOR = 1e-6;

  function ridges(spectrum) {
    return curvePoints().map((point, p) => ({ point, ridge: spectrum.series[state.curveSeries]?.[p] }))
      .filter(({ ridge }) => ridge?.x);
  }

  function option(spectrum) {
    return (figure) => {
      const shown = ridges(spectrum);
      const symlog = figure.choice.axis === 'symlog';
      const linear = spectrum.linear;
      const to = symlog ? (v) => Math.asinh(v / linear) : (v) => v;
      const from = symlog ? (at) => linear * Math.sinh(at) : (at) => at;
      const [low, high] = minMax(shown.flatMap(({ ridge }) => [ridge.x[0], ridge.x[ridge.x.length - 1]]).map(to));
      const greatest = Math.max(...shown.flatMap(({ ridge }) => ridge.density.filter((v) => v !== null)));
      const logarithmic = figure.choice.height === 'log';
      const heightOf = (density) => (logarithmic
        ? Math.max(0, 1 - Math.log10(Math.max(density, 0) / greatest) / Math.log10(FLOOR)) : density / greatest);
      const style = axisStyle();
      const ticks = symlog ? symlogTicks(from(low), from(high), to) : null;
      figure.height = 70 + ROW * (shown.length + OVERLAP - 1);
      return {
        grid: { left: 8, right: 18, top: 8, bottom: 4, outerBoundsMode: 'same' },
        xAxis: { ...style, type: 'value', min: low, max: high, name: 'eigenvalue', nameLocation: 'middle', nameGap: 26,
          axisTick: ticks ? { ...style.axisTick, customValues: ticks.map(to) } : style.axisTick,
          axisLabel: ticks ? { ...style.axisLabel, customValues: ticks.map(to), formatter: (at) => number(Number(from(at).toPrecision(3))) }
            : { ...style.axisLabel, formatter: number } },
        yAxis: { ...style, type: 'value', min: 0, max: shown.length - 1 + OVERLAP, name: data.axis.label,
          nameLocation: 'middle', nameGap: 40,
          axisTick: { show: false }, axisLine: { show: false },
          axisLabel: { ...style.axisLabel, hideOverlap: false, customValues: shown.map((_, i) => i),
            formatter: (at) => shown[Math.round(at)]?.point.label ?? '' },
          splitLine: { show: false } },
        series: [{
          type: 'custom', clip: true, silent: true, data: shown.map(({ ridge }, i) => [to(ridge.x[0]), i]),
          renderItem: (params, api) => {
            // The uppermost first, so that each stands before the one above it.
            const i = shown.length - 1 - params.dataIndex;
            const { point, ridge } = shown[i];
            const colour = curveColour(point);
            const children = [];
            for (const run of runs(ridge)) {
              const line = run.map((k) => api.coord([to(ridge.x[k]), i + OVERLAP * heightOf(ridge.density[k])]));
              const foot = [run[run.length - 1], run[0]].map((k) => api.coord([to(ridge.x[k]), i]));
              children.push({ type: 'polygon', shape: { points: [...line, ...foot] },
                style: { fill: css('card'), opacity: 0.75 } },
              { type: 'polygon', shape: { points: [...line, ...foot] }, style: { fill: colour, opacity: dark() ? 0.3 : 0.22 } },
              { type: 'polyline', shape: { points: line }, style: { stroke: colour, lineWidth: 1.5, fill: 'none' } });
            }
            return { type: 'group', children };
          },
        }, ...(low < 0 && high > 0 ? [{ type: 'line', data: [[0, 0], [0, shown.length - 1 + OVERLAP]], silent: true, symbol: 'none',
          lineStyle: { color: css('faint'), width: 1, type: 'dotted' } }] : [])],
        tooltip: tooltip((at) => {
          const value = from(at);
          const rows = [...shown].reverse().map(({ point, ridge }) => `<tr><td>${swatch(curveColour(point))}` +
            `${escapeHtml(pointName(point))}</td><td>${number(densityAt(ridge, value))}</td></tr>`);
          return `<b>eigenvalue ${number(value)}</b><table>${rows.join('')}</table>`;
        }),
      };
    };
  }

  /** The density at the grid's nearest eigenvalue; none outside of the grid. */
  function densityAt(ridge, value) {
    if (value < ridge.x[0] || value > ridge.x[ridge.x.length - 1]) return null;
    let nearest = 0;
    ridge.x.forEach((x, i) => {
      if (Math.abs(x - value) < Math.abs(ridge.x[nearest] - value)) nearest = i;
    });
    return ridge.density[nearest];
  }

  /** Stretches of a ridge without a gap. */
  function runs(ridge) {
    const found = [[]];
    ridge.density.forEach((value, k) => {
      if (value === null) found.push([]);
      else found[found.length - 1].push(k);
    });
    return found.filter((run) => run.length > 1);
  }

  /** Zero and powers of ten either way, those with room. */
  function symlogTicks(low, high, to) {
    const ticks = [0];
    const span = to(high) - to(low);
    for (const [sign, end] of [[1, high], [-1, -low]]) {
      if (!(end > 0)) continue;
      let last = 0;
      for (let power = Math.floor(Math.log10(end)) - 6; 10 ** power <= end; power++) {
        const tick = sign * 10 ** power;
        if (Math.abs(to(tick) - to(last)) > 0.055 * span) {
          ticks.push(tick);
          last = tick;
        }
      }
    }
    return ticks.sort((a, b) => a - b);
  }

  function addSpectra(parent, probe) {
    for (const spectrum of probe.spectra) {
      if (!spectrum.linear) continue;
      addFigure(parent, {
        title: spectrum.key === 'density' ? 'Spectral density' : capital(spectrum.name), size: 'whole', height: 300, fixedTicks: true,
        switches: [{ name: 'height', values: [['log', 'log density'], ['linear', 'density']] },
          { name: 'axis', values: [['symlog', 'symmetric log'], ['linear', 'linear']] }],
        option: option(spectrum),
        caption: (figure) => 'Mean over seeds, per unit of eigenvalue; every ridge on one scale of heights' +
          (figure.choice.height === 'log' ? `, logarithmic over ${-Math.log10(FLOOR)} decades below the greatest density.` : '.') +
          (figure.choice.axis === 'symlog' ? ` The axis is linear within ± ${number(spectrum.linear)} and logarithmic beyond.` : '') });
    }
  }

  return { addSpectra };
})();
