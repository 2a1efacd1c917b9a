(() => {
'use strict';
const VIEW = 'kausal-view';
const version = Number(document.querySelector('meta[name="kausal-version"]').content);

const bar = document.createElement('pre');
bar.id = 'kausal-watch';
bar.setAttribute('role', 'status');
Object.assign(bar.style, {
  position: 'fixed', left: '0', right: '0', bottom: '0', maxHeight: '45vh', overflow: 'auto', margin: '0',
  padding: '.6rem 1rem', font: '13px/1.5 ui-monospace, monospace', whiteSpace: 'pre-wrap', zIndex: '99',
  background: 'Canvas', color: 'CanvasText', borderTop: '2px solid currentColor', display: 'none',
});
document.body.append(bar);

function show(text) {
  bar.textContent = text;
  bar.style.display = text ? 'block' : 'none';
}

function folds() {
  return [...document.querySelectorAll('details[id]')];
}

function reload() {
  sessionStorage.setItem(VIEW, JSON.stringify({ y: scrollY, open: folds().filter(f => f.open).map(f => f.id) }));
  location.reload();
}

const view = JSON.parse(sessionStorage.getItem(VIEW) || 'null');
sessionStorage.removeItem(VIEW);
if (view) {
  folds().forEach(f => { f.open = view.open.includes(f.id); });
  scrollTo(0, view.y);
}

const events = new EventSource('events');
events.onmessage = event => {
  const told = JSON.parse(event.data);
  if (told.report !== version) reload();
  else show(told.state === 'mistakes' ? told.text : told.state === 'running' ? 'Running …' : '');
};
events.onerror = () => show('Kausal has stopped: this page is the last report.');
})();
