// Draws before the program has come, and keeps what the hand did for it. `take` ends that, and gives six numbers for
// each place: what happened (0 down, 1 moved, 2 up, 3 taken away), which pointer, where in shares of the paper, how
// hard, and 1 for a pen plus 2 for the end of one that erases.
(() => {
  const names = ['pointerdown', 'pointermove', 'pointerup', 'pointercancel'];
  const chosen = CHOSEN;
  const kept = [];
  let drawing, isPen, from;
  try {
    Object.assign(chosen, JSON.parse(localStorage['pentimento.settings']));
  } catch {}
  const hear = (event) => {
    const paper = event.target;
    const what = names.indexOf(event.type);
    const turned = event.buttons & 32;
    if (paper.id != 'drawing') return;
    const pen = event.pointerType == 'pen';
    if (what == 0 && (drawing == null || (pen && !isPen)) && (!event.button || turned)) {
      // A pen takes over from the hand that came down before it.
      if (drawing != null) kept.push(3, drawing, 0, 0, 0, 0);
      [drawing, isPen, from] = [event.pointerId, pen, null];
      paper.setPointerCapture(drawing);
    }
    if (event.pointerId !== drawing) return;
    if (!kept.length) {
      const sizes = SIZES;
      [paper.width, paper.height] = sizes[document.documentElement.dataset.shape] ?? sizes.square;
    }
    const { left, top, width, height } = paper.getBoundingClientRect();
    const brush = paper.getContext('2d');
    const erases = turned || chosen.tool == 'eraser';
    const along = what == 1 && event.getCoalescedEvents?.();
    brush.lineCap = brush.lineJoin = 'round';
    brush.lineWidth = erases ? chosen.eraser_size : chosen.brush_size;
    brush.strokeStyle = erases ? '#fff' : `rgb(${chosen.colour})`;
    brush.beginPath();
    for (const at of along?.length ? along : [event]) {
      const to = [(at.clientX - left) / width, (at.clientY - top) / height];
      kept.push(what, drawing, ...to, at.pressure, (pen ? 1 : 0) + (turned ? 2 : 0));
      if (what > 1) break;
      const [x, y] = [to[0] * paper.width, to[1] * paper.height];
      brush.moveTo(...(from ?? [x, y]));
      brush.lineTo(x, y);
      from = [x, y];
    }
    // A bucket is emptied when it is known what is on the paper.
    if (turned || chosen.tool != 'fill') brush.stroke();
    if (what > 1) drawing = null;
  };
  names.forEach((name) => addEventListener(name, hear, true));
  window.pentimentoEarly = {
    take() {
      names.forEach((name) => removeEventListener(name, hear, true));
      return new Float64Array(kept);
    },
  };
})();
