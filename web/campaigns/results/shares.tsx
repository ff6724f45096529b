import type { ReactNode } from 'react'
import { t } from '../../texts/texts.ts'
import { number } from '../../ui/format.ts'
import { type Tone, toned } from '../../ui/tone.ts'
import styles from './results.module.css'

export function percent(share: number): string {
  const of = share * 100
  if (of > 0 && of < 0.1) return t.results.tiny
  return `${of > 0 && of < 9.95 ? of.toFixed(1) : Math.round(of)} %`
}

/** A number of people and its share, with a bar as long as the share: the bar repeats what stands beside it. */
export function Share({ n, share, tone = 'busy' }: { n: number; share: number | null; tone?: Tone }) {
  return (
    <span className={styles.share}>
      <span className={styles.count}>{number(n)}</span>
      {share !== null && (
        <>
          <span className={styles.percent}>{percent(share)}</span>
          <span className={styles.track} aria-hidden="true" {...toned(tone)}>
            <span className={styles.fill} style={{ width: `${Math.max(n > 0 ? 1 : 0, share * 100)}%` }} />
          </span>
        </>
      )}
    </span>
  )
}

/** Long addresses break anywhere, and no page becomes wider by them. */
export function LinkName({ url }: { url: string }): ReactNode {
  const shown = url.replace(/^https?:\/\//, '')
  return (
    <a className={styles.url} href={url} rel="noreferrer noopener" target="_blank" title={url}>
      {shown.length > 120 ? `${shown.slice(0, 80)}…${shown.slice(-36)}` : shown}
    </a>
  )
}
