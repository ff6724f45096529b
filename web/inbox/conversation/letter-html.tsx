import { createElement, Fragment, type ReactNode, useMemo } from 'react'
import { SIMPLE_TAGS } from '../../../src/helpdesk/reading/simple-html.ts'
import styles from './letter.module.css'

/**
 * Plain letters as part of the page: built element by element from a list of tags, with no attribute but where links lead and where our own pictures
 * are. Nothing of a stranger's HTML is ever put into the document (ADR 50).
 */
export function LetterHtml({ html }: { html: string }) {
  const content = useMemo(() => built(new DOMParser().parseFromString(html, 'text/html').body), [html])
  return <div className={styles.letter}>{content}</div>
}

/** Their meaning is kept by the page's own style, not by names of old. */
const PLAIN: Readonly<Record<string, string>> = {
  font: 'span',
  big: 'span',
  small: 'small',
  h1: 'h4',
  h2: 'h4',
  h3: 'h4',
  h5: 'h4',
  h6: 'h4',
}

function built(element: Element): ReactNode {
  return (
    <>
      {[...element.childNodes].map((node, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a letter never changes its order
        <Fragment key={i}>
          {node.nodeType === Node.TEXT_NODE ? node.textContent : node instanceof Element ? elementOf(node) : null}
        </Fragment>
      ))}
    </>
  )
}

function elementOf(element: Element): ReactNode {
  const tag = element.tagName.toLowerCase()
  if (!SIMPLE_TAGS.has(tag)) return built(element)
  if (tag === 'br' || tag === 'hr') return createElement(tag)
  if (tag === 'img') return <Picture element={element} />
  if (tag === 'a') {
    const href = element.getAttribute('href') ?? ''
    if (!/^(?:https?:|mailto:|tel:)/i.test(href)) return built(element)
    return (
      <a href={href} title={href} target="_blank" rel="noopener noreferrer nofollow">
        {built(element)}
      </a>
    )
  }
  return createElement(PLAIN[tag] ?? tag, null, built(element))
}

function Picture({ element }: { element: Element }) {
  const src = element.getAttribute('src') ?? ''
  const alt = element.getAttribute('alt') ?? ''
  return src.startsWith('/v1/') ? <img src={src} alt={alt} loading="lazy" /> : <span>{alt && `[${alt}]`}</span>
}

/** A letter without HTML: its lines, with addresses that can be followed. */
export function LetterText({ text }: { text: string }) {
  // What turns the direction round ends an address: it must not be read backwards (UAX 9).
  const pieces = text.split(
    /(https?:\/\/[^\s<>"'\u202a-\u202e\u2066-\u2069]{3,1000}[^\s<>"'.,;:!?)\]\u202a-\u202e\u2066-\u2069])/,
  )
  return (
    <div className={`${styles.letter} ${styles.plain}`}>
      {pieces.map((piece, i) =>
        i % 2 === 1 ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: a letter never changes its order
          <a key={i} href={piece} target="_blank" rel="noopener noreferrer nofollow">
            {piece}
          </a>
        ) : (
          piece
        ),
      )}
    </div>
  )
}
