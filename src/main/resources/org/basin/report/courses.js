/* What probes measured over a radius, along a line, and through training. */
const courseFigures = (() => {
  const { LOG, LINEAR, data, state, escapeHtml, number, axisStyle, logAxis, logTicks, minMax, addFigure,
    band, tooltip, swatch, curvePoints, curveColour, trainingOption, pointName } = report;
  const { capital } = scalarFigures;

  const familyOf = (families, figure) => families.find((family) => family.key === figure.choice.family);
  const columnOf = (family, figure) => (family.columns.some(({ key }) => key === figure.choice.column)
    ? figure.choice.column : family.columns[0].key);

  /** One curve a point of the chosen series, each with its band. */
  function bandedOption(families) {
    return (figure, width) => {
      const family = familyOf(families, figure);
      const column = columnOf(family, figure);
      const chosen = curvePoints().map((point, p) => ({ point, curve: family.series[state.curveSeries][p][column] }))
        .filter(({ point, curve }) => curve && (state.curvePoint === 'all' || curvePoints()[state.curvePoint] === point));
      const all = chosen.flatMap(({ curve }) => [...curve.mean, ...curve.open.map((at) => at[1])]).filter((v) => v !== null);
      const logarithmic = figure.choice.scale === 'log' && all.every((value) => value > 0);
      const y = logarithmic ? LOG : LINEAR;
      const abscissae = chosen.flatMap(({ curve }) => curve.x);
      const x = family.kind === 'radius' && abscissae.every((at) => at > 0) && abscissae.length ? LOG : LINEAR;
      const yAxis = logarithmic ? logAxis(all) : { ...axisStyle(), type: 'value',
        axisLabel: { ...axisStyle().axisLabel, formatter: number } };
      const series = [];
      const names = [];
      for (const { point, curve } of chosen) {
        const colour = curveColour(point);
        const rows = curve.x.map((at, i) => {
          if (curve.mean[i] === null || curve.halfWidth[i] === null) return null;
          const low = curve.mean[i] - curve.halfWidth[i];
          return [x.to(at), logarithmic && low <= 0 ? yAxis.min : y.to(low), y.to(curve.mean[i] + curve.halfWidth[i])];
        });
        if (rows.some(Boolean)) series.push(band(point.label, rows, colour));
        series.push({ type: 'line', symbol: 'circle', symbolSize: 4, showSymbol: curve.x.length < 15,
          emphasis: { disabled: true }, lineStyle: { color: colour, width: 1.8 }, itemStyle: { color: colour }, z: 4,
          data: curve.x.map((at, i) => [x.to(at), curve.mean[i] === null ? null : y.to(curve.mean[i])]) });
        series.push({ type: 'scatter', silent: true, symbolSize: 8, z: 5, emphasis: { disabled: true },
          itemStyle: { color: 'transparent', borderColor: colour, borderWidth: 1.6 },
          data: curve.open.filter((at) => !logarithmic || at[1] > 0).map((at) => [x.to(at[0]), y.to(at[1])]) });
        names.push({ point, curve, colour });
      }
      const [low, high] = abscissae.length ? minMax(abscissae.map(x.to)) : [0, 1];
      const style = axisStyle();
      const ticks = x === LOG ? logTicks(low, high) : null;
      return {
        grid: { left: 8, right: 18, top: 12, bottom: 4, outerBoundsMode: 'same' },
        xAxis: { ...style, type: 'value', min: low, max: high, name: family.x === 'alpha' ? 'α' : family.x,
          nameLocation: 'middle', nameGap: 26, splitLine: { show: false },
          axisTick: ticks ? { ...style.axisTick, customValues: ticks } : style.axisTick,
          axisLabel: ticks ? { ...style.axisLabel, customValues: ticks, formatter: (at) => number(10 ** at) }
            : { ...style.axisLabel, formatter: number } },
        yAxis, series,
        tooltip: tooltip((at) => {
          let where = null;
          const rows = names.map(({ point, curve, colour }) => {
            let nearest = 0;
            curve.x.forEach((value, i) => {
              if (Math.abs(x.to(value) - at) < Math.abs(x.to(curve.x[nearest]) - at)) nearest = i;
            });
            where ??= curve.x[nearest];
            const half = curve.halfWidth[nearest];
            const open = curve.open.filter((mark) => mark[0] === curve.x[nearest]).length;
            return `<tr><td>${swatch(colour)}${escapeHtml(pointName(point))}</td><td>${number(curve.mean[nearest])}` +
              `${half === null ? '' : ` ± ${number(half)}`}${open ? ` <span class="bad">${open} not converged</span>` : ''}</td></tr>`;
          });
          return `<b>${family.x === 'alpha' ? 'α' : family.x} ${number(where)}</b><table>${rows.join('')}</table>`;
        }),
      };
    };
  }

  function bandedCaption(families) {
    return (figure) => {
      const family = familyOf(families, figure);
      const column = columnOf(family, figure);
      const curves = family.series[state.curveSeries].map((point) => point[column]).filter(Boolean);
      const over = [...new Set(curves.map((curve) => curve.bandOver).filter(Boolean))];
      const open = curves.reduce((sum, curve) => sum + curve.open.length, 0);
      const texts = [];
      if (family.draws > 1) texts.push(`Mean over ${family.draws} random directions.`);
      texts.push(over.length ? `Band: 95 % confidence interval of the mean over ${over.join(' or ')}.` : 'One seed, one direction: no band can be drawn.');
      if (open) texts.push(`Hollow marks: ${open} ${open === 1 ? 'value' : 'values'} that did not converge, in no mean.`);
      if (figure.choice.scale === 'log' && curves.some((curve) => curve.mean.some((value) => value !== null && value <= 0))) {
        texts.push('Not all values are positive: the axis is linear.');
      }
      return texts.join(' ');
    };
  }

  /** Charts of the families of one kind, each with a choice. */
  function addBanded(parent, probe, kind, most) {
    const families = probe.curves.filter((family) => family.kind === kind);
    const columns = [...new Map(families.flatMap((family) => family.columns.map(({ key, name }) => [key, name])))];
    families.slice(0, most).forEach((family) => addFigure(parent, {
      title: (figure) => capital(familyOf(families, figure).name), height: 300,
      unit: (figure) => (kind === 'line' ? `${columnOf(familyOf(families, figure), figure)} along the line` : 'over the radius'),
      switches: [
        { name: 'family', title: `Curve of the ${probe.name} probe`, values: families.map(({ key, name }) => [key, capital(name)]), first: family.key },
        ...(columns.length > 1 ? [{ name: 'column', values: columns }] : []),
        { name: 'scale', values: kind === 'line' ? [['linear', 'linear'], ['log', 'log']] : [['log', 'log'], ['linear', 'linear']] }],
      option: bandedOption(families), caption: bandedCaption(families) }));
  }

  /** Whether a column of a course has a number anywhere. */
  const holds = (course, column) => course.series.some((points) => points.some(({ mean }) =>
    mean?.[column]?.some((value) => value !== null) || mean?.open?.[column]));

  const sourceOf = (course) => (point, index) => {
    const here = course.series[state.curveSeries]?.[index];
    return { curve: here?.mean, seeds: (here?.seeds || []).map((seed) => ({ seed: seed.seed, curve: seed })) };
  };

  function openNote(course, column) {
    const open = course.series[state.curveSeries].reduce((sum, { mean }) => sum + (mean?.open?.[column]?.length || 0), 0);
    return open ? ` Hollow marks: ${open} ${open === 1 ? 'value' : 'values'} that did not converge, in no mean.` : '';
  }

  const SCALES = { name: 'scale', values: [['log', 'log'], ['linear', 'linear']] };

  /** One column of a course through training. */
  function addColumn(parent, course, title, column, { text = '', ...drawing } = {}) {
    if (!holds(course, column)) return;
    addFigure(parent, { title, height: 280, switches: [SCALES],
      option: trainingOption(() => column, { log: true, source: sourceOf(course), ...drawing }),
      caption: () => text + openNote(course, column) });
  }

  /** Sharpness against what the step can bear, and what goes with it. */
  function addTrajectory(parent, course) {
    const preconditioned = holds(course, 'preconditionedSharpness');
    const kinds = [['preconditionedSharpness', 'preconditioned'], ['sharpness', 'plain']].filter(([key]) => holds(course, key));
    if (kinds.length) {
      const hasThreshold = holds(course, 'threshold');
      const bears = (figure) => hasThreshold && (!preconditioned || (figure.choice.kind ?? kinds[0][0]) === 'preconditionedSharpness');
      addFigure(parent, {
        title: (figure) => (bears(figure) ? 'Sharpness and its threshold' : 'Sharpness'), height: 320,
        switches: [...(kinds.length > 1 ? [{ name: 'kind', values: kinds }] : []), SCALES],
        option: trainingOption((figure) => figure.choice.kind ?? kinds[0][0], { log: true, source: sourceOf(course),
          bound: (figure) => bears(figure) && { metric: 'threshold', name: 'threshold' } }),
        caption: (figure) => (bears(figure)
          ? 'Dashed: the threshold up to which the optimiser\'s step is stable; above it, the edge of stability is passed.'
          : 'The threshold belongs to the preconditioned sharpness.') + openNote(course, figure.choice.kind ?? kinds[0][0]) });
    }
    addColumn(parent, course, 'Ratio to the threshold', 'ratio', { level: 1, text: 'Dashed: 1, the edge of stability.' });
    addColumn(parent, course, 'Loss of all examples', 'loss');
    addColumn(parent, course, 'Norm of the whole gradient', 'gradientNorm');
    addColumn(parent, course, 'Gradient noise scale', 'noiseScale', { text: 'tr Σ / ‖∇L‖², in examples.' });
    addColumn(parent, course, 'Distance from the start', 'distance', { text: '‖θ − θ₀‖.' });
    const shown = ['sharpness', 'preconditionedSharpness', 'threshold', 'ratio', 'loss', 'gradientNorm', 'noiseScale', 'distance'];
    addChosen(parent, course, course.columns.filter(({ key }) => !shown.includes(key)), 1);
  }

  /** The path of training beside the plane that it is drawn over. */
  function addPath(parent, course) {
    if (holds(course, 'loss')) {
      addFigure(parent, { title: 'Loss along the path', height: 280, switches: [SCALES],
        option: trainingOption(() => 'loss', { log: true, source: sourceOf(course),
          bound: () => holds(course, 'planeLoss') && { metric: 'planeLoss', name: 'in the plane' } }),
        caption: 'Solid: of the iterates themselves; dashed: of their projections onto the plane, which is what the map shows.' });
    }
    addColumn(parent, course, 'Distance from the plane', 'outOfPlane', { text: 'How far the iterates lie beside the plane.' });
  }

  /** Columns of a course to choose from. */
  function addChosen(parent, course, columns, most) {
    const values = columns.filter(({ key }) => holds(course, key)).map(({ key, name }) => [key, capital(name)]);
    const nameOf = (figure) => values.find(([key]) => key === figure.choice.column)[1];
    values.slice(0, most).forEach(([first]) => addFigure(parent, {
      title: nameOf, unit: 'through training', height: 280,
      switches: [{ name: 'column', title: 'Figure through training', values, first }, SCALES],
      option: trainingOption((figure) => figure.choice.column, { log: true, source: sourceOf(course) }),
      caption: (figure) => openNote(course, figure.choice.column).trim() }));
  }

  function addCourses(parent, probe) {
    for (const course of probe.courses) {
      if (course.columns.some(({ key }) => key === 'threshold')) addTrajectory(parent, course);
      else if (course.columns.some(({ key }) => key === 'planeLoss')) addPath(parent, course);
      else addChosen(parent, course, course.columns.filter(({ key }) => key !== 'learningRate'), 2);
    }
  }

  /** What is not in the page of the courses, in words. */
  function note(probe) {
    const most = Math.max(0, ...data.series.flatMap((series) => series.points.map((point) => point.seeds.length)));
    const notes = [];
    for (const { key, seedsKept, rowsKept } of probe.courses) {
      if (seedsKept < most) notes.push(`Single seeds of ${key}: ${seedsKept ? `the first ${seedsKept} of each point` : 'none'} are kept here.`);
      if (rowsKept) notes.push(`${capital(key)} is thinned to ${rowsKept} steps.`);
    }
    return notes.join(' ');
  }

  return { addBanded, addCourses, note };
})();
