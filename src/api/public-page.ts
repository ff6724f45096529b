/** The pages that people without an account see: one look, light and dark, on telephones too, with nothing that would have to be fetched. */

export interface PublicPage {
  readonly title: string
  readonly content: string
  /** In which it is written. */
  readonly language?: string
  /** More rules than every page has. */
  readonly style?: string
  /** In the head: scripts, or where to go next. */
  readonly head?: string
  /** Within a frame of another site: without margins of its own. */
  readonly isFrame?: boolean
}

export function publicPage({ title, content, language = 'en', style = '', head = '', isFrame = false }: PublicPage): string {
  return `<!doctype html>
<html lang="${escaped(language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${escaped(title)}</title>
<style>${STYLE}${style}</style>
${head}</head>
<body${isFrame ? ' class="frame"' : ''}><main>${content}</main></body>
</html>
`
}

export function framed(title: string, content: string): string {
  return publicPage({ title, content })
}

export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

const STYLE = `
:root { color-scheme: light dark; --canvas: #f4f5f2; --surface: #fff; --line: #dde0da; --strong: #8e9692; --ink: #15201e; --ink-2: #46534f; --accent: #0c5a63; --on: #fff; --soft: #dfedec; --focus: #0a7c8a; --bad: #a3261b; --field: #fff; --link: #0c5a63 }
@media (prefers-color-scheme: dark) { :root { --canvas: #101615; --surface: #18201e; --line: #2c3734; --strong: #74807b; --ink: #e6ebe8; --ink-2: #aab5b0; --accent: #7cc9d2; --on: #0a1f22; --soft: #17332f; --focus: #5cc4d0; --bad: #ff9d8f; --field: #101615; --link: #7cc9d2 } }
* { box-sizing: border-box }
body { margin: 0; padding: 12vh 16px 32px; background: var(--canvas); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif }
main { max-width: 34rem; margin: 0 auto; padding: 32px; background: var(--surface); border: 1px solid var(--line); border-radius: 10px; overflow-wrap: anywhere }
h1 { margin: 0 0 12px; font-size: 1.375rem; line-height: 1.3; font-weight: 600 }
p, ul { margin: 0 0 16px }
p:last-child { margin-bottom: 0 }
ul { padding-left: 20px }
.small, label { color: var(--ink-2); font-size: .875rem }
.note { padding: 10px 14px; background: var(--soft); border-radius: 6px }
form { display: grid; gap: 10px; margin: 20px 0 }
input:not([type=checkbox]), select, button { font: inherit; min-height: 44px; padding: 8px 16px; border: 1px solid var(--strong); border-radius: 6px; background: var(--surface); color: var(--ink) }
input:not([type=checkbox]), select { width: 100%; background: var(--field) }
::placeholder { color: var(--ink-2); opacity: .8 }
a { color: var(--link) }
.field { display: grid; gap: 4px; margin: 0 0 10px; padding: 0; border: 0; min-width: 0 }
.field label, legend { color: var(--ink); font-weight: 500; padding: 0 }
legend { margin-bottom: 4px; font-size: .875rem }
label.tick { display: flex; gap: 10px; align-items: flex-start; min-height: 32px; padding: 4px 0; font-weight: 400; font-size: 1rem; color: var(--ink) }
label.tick input { flex: none; width: 20px; height: 20px; margin: 2px 0 0; accent-color: var(--accent) }
label.tick small { color: var(--ink-2) }
.error { margin: 0; color: var(--bad); font-size: .875rem }
[aria-invalid] { border-color: var(--bad) }
.trouble { padding: 10px 14px; border: 1px solid var(--bad); border-radius: 6px; color: var(--bad) }
.small p { margin: 0 0 8px }
p.small:empty { display: none }
details { margin: 24px 0 0; border-top: 1px solid var(--line); padding-top: 16px }
summary { cursor: pointer; min-height: 32px; color: var(--ink-2) }
hr { border: 0; border-top: 1px solid var(--line); margin: 24px 0 }
body.frame { padding: 0; background: var(--surface) }
body.frame main { border: 0; border-radius: 0; padding: 16px; max-width: none }
button { cursor: pointer; font-weight: 500; overflow-wrap: anywhere }
button.first { background: var(--accent); border-color: var(--accent); color: var(--on) }
button.quiet { border-color: transparent; color: var(--ink-2) }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px }
@media (max-width: 480px) { body { padding: 0; background: var(--surface) } main { border: 0; border-radius: 0; padding: 24px 20px } }
`
