/** Tells the page around this one how high it is, each time that changes. */
function tellHeight() {
  const told = () => parent.postMessage({ kausalHeight: Math.ceil(document.body.getBoundingClientRect().height) }, '*');
  new ResizeObserver(told).observe(document.body);
}

tellHeight();
