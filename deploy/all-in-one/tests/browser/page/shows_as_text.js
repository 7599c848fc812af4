// Finds the first shown element whose own text is exactly the argument, white space at its ends aside, and tells what
// is true of it. Fields show their value.
const wanted = arguments[0];
const shown = element => element.checkVisibility({opacityProperty: true, visibilityProperty: true});
const fields = [...document.querySelectorAll('input:not([type=hidden]), textarea')]
    .filter(field => shown(field) && field.value === wanted);
if (fields.length > 0) {
    return {shown: true};
}
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    const element = node.parentElement;
    if (node.data.trim() !== wanted.trim() || !shown(element)) continue;
    const alone = [...element.childNodes].every(
        other => other === node || (other.nodeType === Node.TEXT_NODE && other.data.trim() === ''));
    const style = getComputedStyle(element);
    return {
        shown: element.getClientRects().length > 0,
        // Marks that turn the direction around end with the element.
        'kept apart': alone && style.unicodeBidi !== 'normal',
    };
}
return null;
