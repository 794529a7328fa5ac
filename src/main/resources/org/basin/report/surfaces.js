/* Two planes side by side on one colour scale: maps with contour lines, and reliefs. */
const surfaceFigures = (() => {
  const { data, redraws, el, number, wholeViridis, axisStyle, minMax, addFigure, download, control, segments,
    select, pointName } = report;

  const CONTOURS = 12;
  /** Pixels of a map for one of the page, so that it is sharp on any screen. */
  const FINENESS = 2;
  /** Losses that span at least this ratio begin on a logarithmic scale. */
  const LOG_RATIO = 30;

  /** Every plane in the page, by point and seed. */
  function choices(plane) {
    const found = [];
    plane.series.forEach((points, s) => points.forEach((seeds, p) => seeds.forEach((seed) => {
      const point = data.series[s].points[p];
      const series = data.series.length > 1 ? `, ${data.series[s].label}` : '';
      found.push({ point, grid: seed, x: point.x, name: `${pointName(point)}${series}, seed ${seed.seed}` });
    })));
    return found;
  }

  function addSurfaces(parent, probe) {
    if (!probe.planes.length) return;
    const chosen = { plane: probe.planes[0].key, column: 'loss', scale: null, sides: null, view: relief.standard() };
    const bar = el('div', { class: 'bar' });
    const figures = el('div', { class: 'figures' });
    const note = el('p', { class: 'caption' });
    parent.append(el('h3', { class: 'part' }, 'Surfaces'), bar, figures, note);

    const plane = () => probe.planes.find(({ key }) => key === chosen.plane);
    const column = () => (plane().columns.some(({ key }) => key === chosen.column) ? chosen.column : plane().columns[0].key);
    const all = () => choices(plane());
    const side = (which) => all()[chosen.sides[which]];

    /** The narrowest and the widest that are there, each with its first seed. */
    function ends() {
      const found = all();
      let [low, high] = [0, 0];
      found.forEach((each, i) => {
        if (each.x < found[low].x) low = i;
        if (each.x > found[high].x) high = i;
      });
      return low === high && found.length > 1 ? [0, 1] : [low, high];
    }
    chosen.sides = ends();

    /** What both sides share: the range of values and how it is coloured. */
    function shared() {
      const values = [0, 1].flatMap((which) => side(which)?.grid[column()] ?? []).filter((v) => v !== null);
      const [low, high] = values.length ? minMax(values) : [0, 1];
      const canLog = low > 0;
      const logarithmic = canLog && (chosen.scale ?? (high / low >= LOG_RATIO ? 'log' : 'linear')) === 'log';
      const to = logarithmic ? Math.log : (v) => v;
      const span = to(high) - to(low) || 1;
      return { low, high, canLog, logarithmic, share: (v) => (to(v) - to(low)) / span,
        level: (share) => (logarithmic ? Math.exp(to(low) + share * span) : low + share * span) };
    }

    const maps = [0, 1].map((which) => addFigure(figures, {
      title: () => side(which)?.name ?? '–', size: 'map', height: 400, fixedTicks: true,
      unit: () => plane().columns.find(({ key }) => key === column()).name,
      option: () => mapOption(side(which), column(), shared()),
      caption: () => describe(side(which), column()) }));
    maps.forEach((figure, which) => readOut(figure, () => side(which), column));

    const canvases = [0, 1].map((which) => {
      const canvas = relief.canvas(340, chosen.view, drawReliefs);
      const title = el('span');
      const tools = el('div', { class: 'tools' }, el('button', { type: 'button', class: 'save', title: 'Save this relief as PNG',
        onclick: () => canvas.toBlob((blob) => download(`${data.name}-relief-${which + 1}.png`, blob)) }, 'PNG'));
      figures.append(el('figure', {}, el('header', {}, el('h3', {}, title, el('small', {}, 'relief')), tools), canvas,
        el('figcaption', {}, which ? '' : 'Drag, or use the arrow keys, to turn both.')));
      return { canvas, title };
    });

    function drawReliefs() {
      const scale = shared();
      canvases.forEach(({ canvas, title }, which) => {
        const here = side(which);
        title.textContent = here?.name ?? '–';
        canvas.setAttribute('aria-label', here ? `Relief of the ${column()} at ${here.name}; arrow keys turn it` : 'no surface');
        const values = here?.grid[column()];
        relief.draw(canvas, values && { alphas: here.grid.alphas, betas: here.grid.betas, path: here.grid.path,
          at: (i, j) => (values[i * here.grid.betas.length + j] === null ? null : scale.share(values[i * here.grid.betas.length + j])) },
        chosen.view);
      });
    }
    new ResizeObserver(drawReliefs).observe(canvases[0].canvas);

    function drawBar() {
      const scale = shared();
      const change = (key) => (value) => {
        chosen[key] = value;
        if (key === 'plane') chosen.sides = ends();
        update();
      };
      const names = all().map(({ name }, i) => [i, name]);
      const stops = Array.from({ length: 11 }, (_, i) => wholeViridis(i / 10)).join(',');
      bar.replaceChildren(
        control('Plane', select(probe.planes.map(({ key, name }) => [key, name]), chosen.plane, change('plane'))),
        ...['Left', 'Right'].map((label, which) => control(label, select(names, chosen.sides[which], (value) => {
          chosen.sides[which] = Number(value);
          update();
        }))),
        ...(plane().columns.length > 1 ? [control('Values', segments(plane().columns.map(({ key, name }) => [key, name]), column, change('column')))] : []),
        ...(scale.canLog ? [control('Scale', segments([['log', 'log'], ['linear', 'linear']],
          () => (scale.logarithmic ? 'log' : 'linear'), change('scale')))] : []),
        el('span', { class: 'colours' }, number(scale.low),
          el('i', { style: `background:linear-gradient(90deg,${stops})` }), number(scale.high),
          el('span', {}, 'one scale for both'), el('i', { class: 'hatched' }), el('span', {}, 'not finite')));
    }

    function update() {
      drawBar();
      maps.forEach(report.draw);
      drawReliefs();
    }
    redraws.push(() => {
      drawBar();
      drawReliefs();
    });

    const notes = ['One replica each: its directions are its own, so planes of several seeds have no mean. α and β are in units of the directions. ' +
      'Contour lines at the same values left and right; ring: the network that was measured.'];
    if (probe.planes.some(({ key, series }) => key === 'plane-trajectory' && series.some((points) => points.some((seeds) => seeds.some(({ path }) => path))))) {
      notes.push('The red line is the path of training projected onto the plane; the contours are of the plane, not of the path.');
    }
    for (const { name, side: whole, sideKept, seedsKept } of probe.planes) {
      if (sideKept) notes.push(`The ${name} plane is thinned from ${whole} to ${sideKept} points a side.`);
      if (seedsKept === 1 && data.series.some((series) => series.points.some((point) => point.done > 1))) {
        notes.push(`Of the ${name} plane one seed a point is kept here.`);
      }
    }
    note.textContent = notes.join(' ');
  }

  function describe(here, column) {
    if (!here) return '';
    const values = here.grid[column].filter((v) => v !== null);
    const lost = here.grid[column].length - values.length;
    if (!values.length) return 'No value is finite.';
    const [low, high] = minMax(values);
    return `From ${number(low)} to ${number(high)}${lost ? `; ${lost} of ${here.grid[column].length} points are not finite` : ''}.`;
  }

  /** The value under the pointer, in the title's line. */
  function readOut(figure, sideOf, column) {
    const zr = figure.chart.getZr();
    zr.on('mousemove', (event) => {
      const here = sideOf();
      if (!here || !figure.chart.containPixel('grid', [event.offsetX, event.offsetY])) return;
      const [alpha, beta] = figure.chart.convertFromPixel('grid', [event.offsetX, event.offsetY]);
      const { alphas, betas } = here.grid;
      const value = here.grid[column()][nearest(alphas, alpha) * betas.length + nearest(betas, beta)];
      figure.unit.textContent = `α ${alpha.toFixed(2)}, β ${beta.toFixed(2)}: ${value === null ? 'not finite' : number(value)}`;
    });
    zr.on('globalout', () => { figure.unit.textContent = column(); });
  }

  function nearest(values, at) {
    let found = 0;
    values.forEach((value, i) => {
      if (Math.abs(value - at) < Math.abs(values[found] - at)) found = i;
    });
    return found;
  }

  /** Between neighbours, and as far outside as inside at the ends. */
  function edges(values) {
    const between = values.slice(1).map((value, i) => (value + values[i]) / 2);
    return [1.5 * values[0] - values[1] / 2, ...between,
      1.5 * values[values.length - 1] - values[values.length - 2] / 2];
  }

  function mapOption(here, column, scale) {
    const style = axisStyle();
    if (!here?.grid.alphas || here.grid.alphas.length < 2 || here.grid.betas.length < 2) {
      return { grid: { top: 12 }, xAxis: { ...style, type: 'value' }, yAxis: { ...style, type: 'value' }, series: [] };
    }
    const { alphas, betas, path } = here.grid;
    const [a, b] = [edges(alphas), edges(betas)];
    const axis = (name, ends, gap) => ({ ...style, type: 'value', min: ends[0], max: ends[ends.length - 1], name,
      nameLocation: 'middle', nameGap: gap, splitLine: { show: false },
      axisLabel: { ...style.axisLabel, showMinLabel: false, showMaxLabel: false, formatter: number } });
    return {
      grid: { left: 8, right: 18, top: 12, bottom: 4, outerBoundsMode: 'same' },
      xAxis: axis('α', a, 26), yAxis: axis('β', b, 34),
      series: [{
        type: 'custom', silent: true, clip: true, data: [[a[0], b[0]]],
        renderItem: (params, api) => {
          const [left, top] = api.coord([a[0], b[b.length - 1]]);
          const [right, bottom] = api.coord([a[a.length - 1], b[0]]);
          const picture = paint(here.grid, column, a, b, scale, right - left, bottom - top);
          return { type: 'image', style: { image: picture, x: left, y: top, width: right - left, height: bottom - top } };
        },
      }, ...(path ? [
        { type: 'line', silent: true, symbol: 'none', data: path, z: 4, lineStyle: { color: '#fff', width: 4, opacity: 0.8 } },
        { type: 'line', silent: true, symbol: 'circle', symbolSize: 4, data: path, z: 5, showSymbol: path.length < 60,
          lineStyle: { color: '#c0392b', width: 1.8 }, itemStyle: { color: '#c0392b' } },
        { type: 'scatter', silent: true, z: 6, symbolSize: 10, data: [path[path.length - 1]],
          itemStyle: { color: '#c0392b', borderColor: '#fff', borderWidth: 2 } },
      ] : [{ type: 'scatter', silent: true, z: 6, symbolSize: 9, data: [[0, 0]],
        itemStyle: { color: 'transparent', borderColor: '#fff', borderWidth: 2 } }])],
    };
  }

  /** The cells, hatched where there is no number, and contour lines over them. */
  function paint(grid, column, a, b, scale, across, down) {
    const values = grid[column];
    // Zoomed in, a map is larger than its chart: then it need not be finer.
    const fineness = Math.min(FINENESS, 2000 / across, 2000 / down);
    const [width, height] = [across, down].map((size) => Math.max(1, Math.round(size * fineness)));
    const canvas = el('canvas', { width, height });
    const pen = canvas.getContext('2d');
    const toX = (alpha) => ((alpha - a[0]) / (a[a.length - 1] - a[0])) * width;
    const toY = (beta) => (1 - (beta - b[0]) / (b[b.length - 1] - b[0])) * height;
    const hatch = hatching(pen);
    const columns = grid.betas.length;
    grid.alphas.forEach((_, i) => grid.betas.forEach((__, j) => {
      const value = values[i * columns + j];
      pen.fillStyle = value === null ? hatch : wholeViridis(scale.share(value));
      const [x, y] = [Math.floor(toX(a[i])), Math.floor(toY(b[j + 1]))];
      pen.fillRect(x, y, Math.ceil(toX(a[i + 1])) - x, Math.ceil(toY(b[j])) - y);
    }));
    for (let k = 1; k < CONTOURS; k++) {
      pen.beginPath();
      contour(grid, values, scale, k / CONTOURS, (from, to) => {
        pen.moveTo(toX(from[0]), toY(from[1]));
        pen.lineTo(toX(to[0]), toY(to[1]));
      });
      pen.strokeStyle = k / CONTOURS > 0.6 ? 'rgba(0, 0, 0, .5)' : 'rgba(255, 255, 255, .6)';
      pen.lineWidth = 0.8 * fineness;
      pen.stroke();
    }
    return canvas.toDataURL();
  }

  function hatching(pen) {
    const tile = el('canvas', { width: 10, height: 10 });
    const brush = tile.getContext('2d');
    brush.fillStyle = '#c9ced4';
    brush.fillRect(0, 0, 10, 10);
    brush.strokeStyle = '#5b6672';
    brush.lineWidth = 1.5;
    for (const shift of [-10, 0, 10]) {
      brush.moveTo(shift, 10);
      brush.lineTo(shift + 10, 0);
    }
    brush.stroke();
    return pen.createPattern(tile, 'repeat');
  }

  /** Marching squares (Lorensen and Cline 1987, in the plane): a line through every cell that the level crosses. */
  function contour(grid, values, scale, level, line) {
    const { alphas, betas } = grid;
    for (let i = 0; i + 1 < alphas.length; i++) {
      for (let j = 0; j + 1 < betas.length; j++) {
        const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]].map(([r, c]) => {
          const value = values[r * betas.length + c];
          return [alphas[r], betas[c], value === null ? null : scale.share(value)];
        });
        if (corners.some((corner) => corner[2] === null)) continue;
        const crossings = [];
        corners.forEach((from, k) => {
          const to = corners[(k + 1) % 4];
          if ((from[2] < level) === (to[2] < level)) return;
          const share = (level - from[2]) / (to[2] - from[2]);
          crossings.push([from[0] + share * (to[0] - from[0]), from[1] + share * (to[1] - from[1])]);
        });
        for (let k = 0; k + 1 < crossings.length; k += 2) line(crossings[k], crossings[k + 1]);
      }
    }
  }

  return { addSurfaces };
})();
