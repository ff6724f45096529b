// biome-ignore-all lint/a11y/useSemanticElements: a <meter> cannot be drawn in our colours in every browser
import styles from './meter.module.css'
import { type Tone, toned } from './tone.ts'

interface Props {
  /** In words and numbers: it is what is heard, and it stands beside the bar. */
  readonly label: string
  readonly value: number
  readonly max: number
  readonly tone?: Tone
}

/** How much of something is used or done. */
export function Meter({ label, value, max, tone = 'busy' }: Props) {
  const share = max === 0 ? 1 : Math.min(1, value / max)
  return (
    <div className={styles.meter} {...toned(tone)}>
      <div
        className={styles.track}
        role="meter"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={max}
        aria-valuenow={Math.min(value, max)}
        aria-valuetext={label}
      >
        <div className={styles.fill} style={{ width: `${share * 100}%` }} />
      </div>
      <span className={styles.label} aria-hidden>
        {label}
      </span>
    </div>
  )
}
