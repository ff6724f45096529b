import { useEffect, useState } from 'react'
import { onAnnounce } from './announce.ts'

/** One polite region for the whole page. The same words said twice are heard twice: a no-break space tells them apart. */
export function LiveRegion() {
  const [text, setText] = useState('')
  useEffect(() => onAnnounce((next) => setText((last) => (last === next ? `${next}\u00a0` : next))), [])
  return (
    <div className="visually-hidden" role="status" aria-live="polite">
      {text}
    </div>
  )
}
