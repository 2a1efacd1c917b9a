addEventListener(`message`, function (event) {
  for (const frame of document.querySelectorAll(`iframe.kausal-figure`)) {
    if (frame.contentWindow !== event.source) continue;
    if (event.data.kausalHeight) frame.style.height = `${event.data.kausalHeight}px`;
  }
});
