/* One section a probe: under what it measured, then everything that it left. */
(() => {
  const { data, redraws, el, plural, drawCurveBar, refresh } = report;
  const container = document.getElementById('landscape');
  if (!data.landscape.length) return;
  container.hidden = false;

  function part(section, title, add) {
    const figures = el('div', { class: 'figures' });
    add(figures);
    if (!figures.children.length) return false;
    if (title) section.append(el('h3', { class: 'part' }, title));
    section.append(figures);
    return true;
  }

  for (const probe of data.landscape) {
    const section = el('section', { id: `probe-${probe.key}`, class: 'probe' }, el('h2', {}, `Landscape: ${probe.name}`));
    container.append(section);
    section.append(el('dl', { class: 'conditions' },
      el('div', {}, el('dt', {}, 'measured'), el('dd', {}, `${probe.measured} of ${plural(probe.replicas, 'replica')}`)),
      ...probe.conditions.map(([name, words]) => el('div', {}, el('dt', {}, name), el('dd', {}, words)))));
    theoryFigures.addClaim(section, probe);
    part(section, '', (figures) => scalarFigures.addScalars(figures, probe));
    scalarFigures.addNumbers(section, probe);
    theoryFigures.addProbe(section, probe);
    const bar = el('div', { class: 'bar' });
    const before = section.children.length;
    section.append(bar);
    part(section, '', (figures) => spectrumFigures.addSpectra(figures, probe));
    part(section, 'Over the radius', (figures) => courseFigures.addBanded(figures, probe, 'radius', 2));
    part(section, 'Along lines', (figures) => courseFigures.addBanded(figures, probe, 'line', 2));
    part(section, 'Through training', (figures) => courseFigures.addCourses(figures, probe));
    const note = courseFigures.note(probe);
    if (note) section.append(el('p', { class: 'caption' }, note));
    if (section.children.length > before + 1) {
      redraws.push(() => drawCurveBar(bar, { learning: false, steps: probe.courses.length > 0 }));
    }
    surfaceFigures.addSurfaces(section, probe);
  }
  refresh();
})();
