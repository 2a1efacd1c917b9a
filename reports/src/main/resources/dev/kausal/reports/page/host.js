addEventListener(`message`, function (event) {
  /* The ground that the figure stands on; undefined if none is painted. */
  function ground(element) {
    for (let at = element.parentElement; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (!colour.startsWith(`rgb`)) continue;
      const parts = colour.match(/[0-9.]+/g).map(Number);
      if (parts[3] === 0) continue;
      return Math.sign(0.299 * parts[0] + 0.587 * parts[1] + 0.114 * parts[2] - 128) === -1 ? `dark` : `light`;
    }
  }
  for (const frame of document.querySelectorAll(`iframe.kausal-figure`)) {
    if (frame.contentWindow !== event.source) continue;
    if (!event.data.kausalHeight) continue;
    frame.style.height = `${event.data.kausalHeight}px`;
    frame.contentWindow.postMessage({ kausalGround: ground(frame) }, `*`);
  }
});
