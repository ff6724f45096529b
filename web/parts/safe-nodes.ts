/**
 * HTML that people of the workspace wrote, as nodes that can stand in the page while it is edited: only the few elements that the editor knows, with no
 * attribute but the target of a link and the source of a picture. Parsed in a document of its own, which runs and loads nothing.
 */
const KNOWN = new Set([
  'A',
  'B',
  'STRONG',
  'I',
  'EM',
  'U',
  'BR',
  'P',
  'DIV',
  'SPAN',
  'UL',
  'OL',
  'LI',
  'IMG',
  'BLOCKQUOTE',
  'HR',
  'H1',
  'H2',
  'H3',
])
const DEPTH_MAX = 30

export function safeNodes(html: string, into: Document): DocumentFragment {
  const parsed = new DOMParser().parseFromString(html, 'text/html')
  const fragment = into.createDocumentFragment()
  for (const node of parsed.body.childNodes) copy(node, fragment, into, 0)
  return fragment
}

function copy(node: Node, to: Node, into: Document, depth: number): void {
  if (node.nodeType === Node.TEXT_NODE) to.appendChild(into.createTextNode(node.textContent ?? ''))
  if (!(node instanceof Element) || depth > DEPTH_MAX) return
  const element = KNOWN.has(node.tagName) ? into.createElement(node.tagName) : null
  if (element instanceof HTMLAnchorElement) setIf(element, 'href', node.getAttribute('href'), /^(?:https?:|mailto:|tel:)/i)
  if (element instanceof HTMLImageElement) {
    setIf(element, 'src', node.getAttribute('src'), /^https:\/\//i)
    element.alt = node.getAttribute('alt') ?? ''
  }
  if (element) to.appendChild(element)
  if (/^(?:SCRIPT|STYLE|TEMPLATE|TITLE)$/.test(node.tagName)) return
  for (const child of node.childNodes) copy(child, element ?? to, into, depth + 1)
}

function setIf(element: Element, name: string, value: string | null, allowed: RegExp): void {
  if (value !== null && allowed.test(value.trim())) element.setAttribute(name, value.trim())
}
