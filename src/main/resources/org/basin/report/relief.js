/*
 * A surface over a square, drawn on a canvas in parallel projection: the chart library has no third
 * dimension. Several reliefs turn together.
 */
const relief = (() => {
  const { el, css, wholeViridis } = report;
  const MOST_SIDE = 41;
  /** Height of the common scale, the square's side being 2. */
  const HEIGHT = 1.2;
  /** Room for the names of the axes. */
  const MARGIN = 22;

  /** Where a turned view puts a point of the cube [-1, 1]² × [0, 1]. */
  function projection(view, width, height) {
    const [c, s] = [Math.cos(view.turn), Math.sin(view.turn)];
    const [ct, st] = [Math.cos(view.tilt), Math.sin(view.tilt)];
    const flat = (x, y, z) => [c * x - s * y, st * (s * x + c * y) - ct * HEIGHT * z];
    const corners = [-1, 1].flatMap((x) => [-1, 1].flatMap((y) => [0, 1].map((z) => flat(x, y, z))));
    const [[left, right], [top, bottom]] = [0, 1].map((k) => report.minMax(corners.map((corner) => corner[k])));
    const scale = Math.min((width - 2 * MARGIN) / (right - left), (height - 2 * MARGIN) / (bottom - top));
    return {
      at: (x, y, z) => {
        const [across, down] = flat(x, y, z);
        return [width / 2 + scale * (across - (left + right) / 2), height / 2 + scale * (down - (top + bottom) / 2)];
      },
      depth: (x, y) => s * x + c * y,
    };
  }

  const kept = (count) => {
    const size = Math.min(count, MOST_SIDE);
    return Array.from({ length: size }, (_, i) => Math.round((i * (count - 1)) / (size - 1)));
  };

  /** Draws `grid` ({alphas, betas, at(i, j)}, heights as shares of the common scale, null for none). */
  function draw(canvas, grid, view) {
    const ratio = window.devicePixelRatio || 1;
    const width = canvas.clientWidth;
    const height = canvas.clientHeight;
    if (!width || !grid) return;
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    const pen = canvas.getContext('2d');
    pen.scale(ratio, ratio);
    pen.clearRect(0, 0, width, height);
    const { at, depth } = projection(view, width, height);
    const rows = kept(grid.alphas.length);
    const columns = kept(grid.betas.length);
    const place = (values, i) => -1 + (2 * (values[i] - values[0])) / (values[values.length - 1] - values[0]);

    const outline = (corners, colour) => {
      pen.beginPath();
      corners.forEach(([x, y, z], i) => pen[i ? 'lineTo' : 'moveTo'](...at(x, y, z)));
      pen.closePath();
      pen.strokeStyle = colour;
      pen.lineWidth = 1;
      pen.stroke();
    };
    outline([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]], css('faint'));

    const quads = [];
    for (let i = 0; i + 1 < rows.length; i++) {
      for (let j = 0; j + 1 < columns.length; j++) {
        const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]].map(([r, c]) => [
          place(grid.alphas, rows[r]), place(grid.betas, columns[c]), grid.at(rows[r], columns[c])]);
        if (corners.some((corner) => corner[2] === null)) continue;
        quads.push({ corners, away: depth((corners[0][0] + corners[2][0]) / 2, (corners[0][1] + corners[2][1]) / 2),
          mean: corners.reduce((sum, corner) => sum + corner[2], 0) / 4 });
      }
    }
    quads.sort((a, b) => a.away - b.away);
    for (const { corners, mean } of quads) {
      pen.beginPath();
      corners.forEach(([x, y, z], i) => pen[i ? 'lineTo' : 'moveTo'](...at(x, y, z)));
      pen.closePath();
      pen.fillStyle = wholeViridis(mean);
      pen.fill();
      pen.strokeStyle = 'rgba(0, 0, 0, .22)';
      pen.lineWidth = 0.5;
      pen.stroke();
    }
    if (grid.path) drawPath(pen, grid, at);
    pen.fillStyle = css('soft');
    pen.font = `12px ${report.FONT}`;
    pen.textAlign = 'center';
    pen.textBaseline = 'middle';
    const front = depth(0, 1) > 0 ? 1 : -1;
    const side = depth(1, 0) > 0 ? 1 : -1;
    pen.fillText('α', ...at(0, 1.18 * front, 0));
    pen.fillText('β', ...at(1.18 * side, 0, 0));
  }

  /** The path of training, lifted onto the surface. */
  function drawPath(pen, grid, at) {
    const share = (values, value) => ((value - values[0]) / (values[values.length - 1] - values[0])) * (values.length - 1);
    pen.beginPath();
    let drawn = false;
    for (const [alpha, beta] of grid.path) {
      const i = Math.round(share(grid.alphas, alpha));
      const j = Math.round(share(grid.betas, beta));
      const z = grid.alphas[i] === undefined || grid.betas[j] === undefined ? null : grid.at(i, j);
      if (z === null) continue;
      const x = (2 * share(grid.alphas, alpha)) / (grid.alphas.length - 1) - 1;
      const y = (2 * share(grid.betas, beta)) / (grid.betas.length - 1) - 1;
      pen[drawn ? 'lineTo' : 'moveTo'](...at(x, y, z + 0.01));
      drawn = true;
    }
    pen.strokeStyle = '#fff';
    pen.lineWidth = 3.5;
    pen.stroke();
    pen.strokeStyle = '#c0392b';
    pen.lineWidth = 1.8;
    pen.stroke();
  }

  /** A canvas that is turned by dragging and by the arrow keys; `turned` is called after. */
  function canvas(height, view, turned) {
    const node = el('canvas', { class: 'relief', role: 'img', tabindex: '0', style: `height:${height}px` });
    const turn = (across, up) => {
      view.turn += across;
      view.tilt = Math.min(1.45, Math.max(0.15, view.tilt + up));
      turned();
    };
    let from = null;
    node.addEventListener('pointerdown', (event) => {
      from = [event.clientX, event.clientY];
      node.setPointerCapture(event.pointerId);
    });
    node.addEventListener('pointermove', (event) => {
      if (!from) return;
      turn((event.clientX - from[0]) * -0.008, (event.clientY - from[1]) * 0.006);
      from = [event.clientX, event.clientY];
    });
    for (const end of ['pointerup', 'pointercancel']) node.addEventListener(end, () => { from = null; });
    node.addEventListener('keydown', (event) => {
      const step = { ArrowLeft: [0.1, 0], ArrowRight: [-0.1, 0], ArrowUp: [0, -0.08], ArrowDown: [0, 0.08] }[event.key];
      if (!step) return;
      event.preventDefault();
      turn(...step);
    });
    return node;
  }

  return { draw, canvas, standard: () => ({ turn: 0.7, tilt: 0.62 }) };
})();
