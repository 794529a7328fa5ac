/* Which measures order networks by their generalisation gap, and how many examples networks fit. */
(() => {
  const { data, el, css, number, escapeHtml, axisStyle, addFigure, logAxis, refresh } = report;
  const { gaps, complexity } = data.generalization;
  if (!gaps.length && !complexity) return;
  const figures = el('div', { class: 'figures' });
  document.getElementById('landscape').before(
    el('section', { id: 'generalization' }, el('h2', {}, 'Generalisation'), figures));

  const LEVELS = [['replicas', 'networks'], ['means', 'means of points'], ['granulated', 'granulated']];
  const TEXTS = {
    replicas: 'Kendall’s τ-b over all networks, with the 95 % interval of a bootstrap over whole points. ',
    means: 'Kendall’s τ-b over the means of points, with the 95 % interval of a bootstrap over points. ',
    granulated: 'Mean of τ over groups of networks that differ in one setting alone, over all settings '
      + '(Jiang et al. 2020): a measure that only follows one setting does not get far. ',
  };
  const chosen = (figure) => gaps.find(({ key }) => key === figure.choice.gap);
  const ranked = (figure) => chosen(figure).measures.filter((measure) => measure[figure.choice.level])
    .map((measure) => ({ ...measure, ...measure[figure.choice.level] })).sort((a, b) => a.tau - b.tau);
  const signed = (value) => (value === null || value === undefined ? '–' : value.toFixed(2).replace('-', '−'));

  function ranking(figure) {
    const rows = ranked(figure);
    const style = axisStyle();
    const pale = (row) => (figure.choice.level === 'granulated' ? false : row.unclear);
    return {
      grid: { left: 8, right: 18, top: 8, bottom: 24, outerBoundsMode: 'same' },
      xAxis: { ...style, type: 'value', min: -1, max: 1, name: 'rank correlation with the gap',
        nameLocation: 'middle', nameGap: 26, axisLabel: { ...style.axisLabel, formatter: signed } },
      yAxis: { ...style, type: 'category', data: rows.map(({ name }) => name), axisTick: { show: false },
        axisLabel: { ...style.axisLabel, interval: 0, fontSize: 11 }, splitLine: { show: false } },
      tooltip: { trigger: 'item', confine: true, backgroundColor: css('card'), borderColor: css('line'),
        textStyle: { color: css('ink') },
        formatter: ({ dataIndex }) => {
          const row = rows[dataIndex];
          const parts = (row.settings || []).map(([key, value]) => `<br>${escapeHtml(key)} ${signed(value)}`).join('');
          const interval = row.low === undefined || row.low === null ? '' : ` (${signed(row.low)} to ${signed(row.high)})`;
          return `<b>${escapeHtml(row.name)}</b>${row.probe ? `, ${escapeHtml(row.probe)} probe` : ''}<br>` +
            `τ = ${signed(row.tau)}${interval}${row.pairs ? `, ${row.pairs} networks or points` : ''}${parts}` +
            `${row.significant ? '<br>significant after Holm’s correction' : ''}`;
        } },
      series: [
        { type: 'bar', barWidth: '62%', data: rows.map((row) => ({ value: row.tau,
          itemStyle: { color: css('accent'), opacity: pale(row) ? 0.25 : 0.8 } })),
          markLine: { silent: true, symbol: 'none', label: { show: false }, lineStyle: { color: css('ink'), type: 'solid', width: 1 },
            data: [{ xAxis: 0 }] } },
        { type: 'custom', silent: true, z: 4, encode: { x: [1, 2], y: 0 },
          data: rows.map((row, i) => [i, row.low, row.high]).filter((row) => row[1] !== null && row[1] !== undefined),
          renderItem: (_, api) => {
            const [from, y] = api.coord([api.value(1), api.value(0)]);
            const [to] = api.coord([api.value(2), api.value(0)]);
            const line = (x1, y1, x2, y2) => ({ type: 'line', shape: { x1, y1, x2, y2 }, style: { stroke: css('ink'), lineWidth: 1.2 } });
            return { type: 'group', children: [line(from, y, to, y), line(from, y - 3, from, y + 3), line(to, y - 3, to, y + 3)] };
          } },
      ],
    };
  }

  if (gaps.length) {
    const levels = LEVELS.filter(([level]) => gaps.some(({ measures }) => measures.some((measure) => measure[level])));
    addFigure(figures, { title: 'What orders networks by their generalisation gap', size: 'whole',
      height: 90 + 17 * Math.max(...gaps.map(({ measures }) => measures.length)),
      switches: [{ name: 'gap', values: gaps.map(({ key, name }) => [key, `gap in ${name}`]) },
        { name: 'level', values: levels }],
      option: ranking,
      caption: (figure) => `${TEXTS[figure.choice.level]}${figure.choice.level === 'granulated' ? '' : 'Pale: the interval holds 0. '}`
        + `A positive τ: the larger the measure, the larger the gap. ${chosen(figure).sentence}` });
  }

  if (complexity) {
    const groups = [...new Set(complexity.rows.map(({ others }) => others))];
    addFigure(figures, { title: 'Effective model complexity', unit: 'examples that are fitted', height: 340,
      switches: groups.length > 1 ? [{ name: 'group', title: 'Other settings', values: groups.map((group) => [group, group]) }] : [],
      option: (figure) => {
        const rows = complexity.rows.filter(({ others }) => others === (figure.choice.group ?? groups[0]));
        const log = (value) => Math.log10(value);
        const values = rows.flatMap(({ fits, fails, peak }) => [fits, fails, peak]).filter((value) => value > 0);
        const style = axisStyle();
        const xAxis = logAxis(rows.map(({ x }) => x));
        const marks = (name, key, colour, symbol, hollow) => ({ type: 'scatter', name, symbol, symbolSize: 9, z: 5,
          itemStyle: { color: hollow ? css('card') : colour, borderColor: colour, borderWidth: 1.6 },
          data: rows.filter((row) => row[key] > 0).map((row) => [log(row.x), log(row[key]), row.text, row.setting]) });
        return {
          grid: { left: 8, right: 18, top: 36, bottom: 24, outerBoundsMode: 'same' },
          legend: { top: 4, textStyle: { color: css('soft') } },
          xAxis: { ...xAxis, name: complexity.setting, nameLocation: 'middle', nameGap: 26 },
          yAxis: { ...logAxis(values), name: 'training examples n', nameTextStyle: { ...style.nameTextStyle, align: 'left' } },
          tooltip: { trigger: 'item', confine: true, backgroundColor: css('card'), borderColor: css('line'), textStyle: { color: css('ink') },
            formatter: ({ seriesName, value }) => `<b>${escapeHtml(complexity.setting)} ${escapeHtml(value[3])}</b><br>` +
              `${seriesName}: ${number(10 ** value[1])}<br>complexity: ${escapeHtml(value[2])}` },
          series: [
            { type: 'custom', silent: true, tooltip: { show: false },
              data: rows.filter(({ fits, fails }) => fits > 0 && fails > 0).map(({ x, fits, fails }) => [log(x), log(fits), log(fails)]),
              renderItem: (_, api) => {
                const [x, y1] = api.coord([api.value(0), api.value(1)]);
                const [, y2] = api.coord([api.value(0), api.value(2)]);
                return { type: 'line', shape: { x1: x, y1, x2: x, y2 }, style: { stroke: css('accent'), lineWidth: 2 } };
              } },
            marks('largest n that is fitted', 'fits', css('accent'), 'circle', false),
            marks('smallest n that is not', 'fails', css('accent'), 'circle', true),
            ...(rows.some(({ peak }) => peak > 0) ? [marks('test error peaks', 'peak', css('ink'), 'diamond', false)] : []),
          ],
        };
      },
      caption: () => `Fitted: to a mean training error of at most 10 %. Nakkiran et al. (2020) expect the test error to peak where n is near the complexity. ${complexity.sentence}` });
  }
  refresh();
})();
