import { useCallback, useEffect, useRef, useState } from 'react'
import { contentFrame } from '../../src/api/endpoints/content.ts'
import { hrefOf } from '../api.ts'
import styles from './preview.module.css'

const WIDTHS = { desktop: 760, phone: 375, dark: 760 } as const

interface Props {
  readonly html: string
  readonly title: string
  readonly as: keyof typeof WIDTHS
}

/**
 * A mail as a reader's program draws it. The frame is an empty page of the server's with the policy of mail: no script, no form, nothing fetched but
 * pictures. What is shown is written into it, so that each letter typed needs no page of its own. As wide as a screen, and made smaller to fit.
 */
export function PreviewFrame({ html, title, as }: Props) {
  const frame = useRef<HTMLIFrameElement>(null)
  const box = useRef<HTMLDivElement>(null)
  const [isOpen, setIsOpen] = useState(false)
  const [room, setRoom] = useState(0)
  const [height, setHeight] = useState(400)
  const width = WIDTHS[as]
  const scale = room === 0 ? 1 : Math.min(1, room / width)

  const measure = useCallback(() => {
    const page = frame.current?.contentDocument
    if (page?.body) setHeight(Math.max(120, page.body.scrollHeight, page.body.getBoundingClientRect().height))
  }, [])
  useEffect(() => {
    const element = box.current
    if (!element) return
    const observer = new ResizeObserver(([entry]) => entry && setRoom(entry.contentRect.width))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  useEffect(() => {
    const page = frame.current?.contentDocument
    if (!isOpen || !page) return
    const at = frame.current?.contentWindow?.scrollY ?? 0
    page.documentElement.innerHTML = html
    putIntoLight(page, as === 'dark')
    for (const link of page.querySelectorAll('a')) {
      link.target = '_blank'
      link.rel = 'noopener noreferrer'
    }
    for (const image of page.querySelectorAll('img')) image.addEventListener('load', measure)
    frame.current?.contentWindow?.scrollTo(0, at)
    measure()
  }, [html, isOpen, as, measure])
  // Another width breaks lines elsewhere.
  useEffect(() => {
    if (width > 0) requestAnimationFrame(measure)
  }, [width, measure])

  return (
    <div ref={box} className={as === 'phone' ? styles.phone : styles.screen} data-dark={as === 'dark' || undefined}>
      <div className={styles.fitted} style={{ width: width * scale, height: height * scale }}>
        <iframe
          ref={frame}
          className={styles.frame}
          style={{ width, height, transform: `scale(${scale})` }}
          src={hrefOf(contentFrame, {})}
          title={title}
          sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"
          referrerPolicy="no-referrer"
          tabIndex={-1}
          onLoad={() => setIsOpen(true)}
        />
      </div>
    </div>
  )
}

/**
 * What a mail asks for in the dark, or not, whatever the light of whoever looks: its own questions for it are answered here. One that knows no dark
 * stays as it is.
 */
function putIntoLight(page: Document, isDark: boolean): void {
  const answer = (media: string) =>
    media.replace(/\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)/gi, (_, scheme: string) =>
      (scheme.toLowerCase() === 'dark') === isDark ? '(min-width: 0px)' : '(max-width: 0px)',
    )
  for (const sheet of page.styleSheets)
    for (const rule of sheet.cssRules)
      if (rule.constructor.name === 'CSSMediaRule') {
        const { media } = rule as CSSMediaRule
        media.mediaText = answer(media.mediaText)
      }
  for (const source of page.querySelectorAll('source[media]'))
    source.setAttribute('media', answer(source.getAttribute('media') ?? ''))
  const declared = page.querySelector('meta[name="color-scheme"]')?.getAttribute('content') ?? ''
  page.documentElement.style.colorScheme = isDark && /dark/i.test(declared) ? 'dark' : 'light'
}
