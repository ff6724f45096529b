import { useEffect, useRef, useState } from 'react'
import styles from './letter.module.css'

const MAX_HEIGHT = 20_000

/**
 * A letter that is more than words, in a frame without scripts, as high as what is in it. It can be measured since its document is of our origin; it can
 * do nothing with that, for nothing in it runs (ADR 50).
 */
export function LetterFrame({ src, title }: { src: string; title: string }) {
  const frame = useRef<HTMLIFrameElement>(null)
  const [height, setHeight] = useState(120)

  function measure() {
    const page = frame.current?.contentDocument?.documentElement
    if (page) setHeight(Math.min(MAX_HEIGHT, Math.max(40, page.scrollHeight)))
  }
  useEffect(() => {
    const element = frame.current
    if (!element) return
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => observer.disconnect()
  })
  return (
    <iframe
      key={src}
      ref={frame}
      className={styles.frame}
      style={{ height }}
      src={src}
      title={title}
      sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"
      referrerPolicy="no-referrer"
      onLoad={measure}
    />
  )
}
