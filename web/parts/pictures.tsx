/** One drawing for each empty page, in the colours of the page: line, paper, one stroke of petrol. */
import type { ReactNode } from 'react'
import styles from './pictures.module.css'

function Picture({ children }: { children: ReactNode }) {
  return (
    <svg width="168" height="112" viewBox="0 0 168 112" aria-hidden="true" focusable="false">
      <ellipse className={styles.ground} cx="84" cy="100" rx="66" ry="6" />
      {children}
    </svg>
  )
}

/** A blank waybill beside its envelope. */
export function NoMailYet() {
  return (
    <Picture>
      <rect className={styles.soft} x="26" y="34" width="84" height="58" rx="5" />
      <path className={styles.line} d="M28 38l40 30 40-30" />
      <path
        className={styles.soft}
        d="M84 14h52a4 4 0 0 1 4 4v18a5 5 0 0 0 0 10v18a4 4 0 0 1-4 4H84a4 4 0 0 1-4-4V46a5 5 0 0 0 0-10V18a4 4 0 0 1 4-4z"
      />
      <path className={styles.line} strokeDasharray="1 5" d="M88 41h44" />
      <path className={styles.accent} d="M92 25h22M92 32h34M92 52h26M92 59h14" />
    </Picture>
  )
}

/** A parcel that stays in its box. */
export function NothingKept() {
  return (
    <Picture>
      <path className={styles.soft} d="M34 52l50-16 50 16v34a4 4 0 0 1-3 4l-47 10-47-10a4 4 0 0 1-3-4z" />
      <path className={styles.line} d="M34 52l50 14 50-14M84 66v34" />
      <path className={styles.line} d="M34 52L18 40l48-16 18 12M134 52l16-12-48-16-18 12" />
      <path className={styles.accent} d="M84 46V10M74 20l10-10 10 10" strokeDasharray="4 5" />
    </Picture>
  )
}

/** Two points and no way between them. */
export function NoRoute() {
  return (
    <Picture>
      <rect className={styles.soft} x="22" y="52" width="36" height="36" rx="6" />
      <rect className={styles.soft} x="110" y="24" width="36" height="36" rx="6" />
      <path className={styles.accent} d="M58 70c18 0 16-28 52-28" strokeDasharray="4 6" />
      <path className={styles.line} d="M32 66h16M32 74h10M120 38h16M120 46h10" />
    </Picture>
  )
}

/** A shield with nothing behind it. */
export function NobodySuppressed() {
  return (
    <Picture>
      <path className={styles.soft} d="M84 12l36 12v24c0 24-16 38-36 46-20-8-36-22-36-46V24z" />
      <path className={styles.accent} d="M68 52l12 12 22-24" />
    </Picture>
  )
}

/** A key not yet cut. */
export function NoKey() {
  return (
    <Picture>
      <circle className={styles.soft} cx="56" cy="56" r="22" />
      <circle className={styles.line} cx="56" cy="56" r="8" />
      <path className={styles.soft} d="M78 50h62v12H78z" />
      <path className={styles.accent} d="M112 62v10M122 62v7M132 62v10" strokeDasharray="3 4" />
    </Picture>
  )
}

/** What was said, and a mark that it is clear. */
export function EveryReplyUnderstood() {
  return (
    <Picture>
      <path className={styles.soft} d="M30 22h84a6 6 0 0 1 6 6v34a6 6 0 0 1-6 6H64L48 84V68H30a6 6 0 0 1-6-6V28a6 6 0 0 1 6-6z" />
      <path className={styles.line} d="M38 36h52M38 46h38" />
      <path className={styles.accent} d="M112 74l12 12 22-26" />
    </Picture>
  )
}

/** A globe with a seal. */
export function NoDomain() {
  return (
    <Picture>
      <circle className={styles.soft} cx="76" cy="52" r="34" />
      <path className={styles.line} d="M42 52h68M76 18c-16 20-16 48 0 68M76 18c16 20 16 48 0 68" />
      <circle className={styles.soft} cx="112" cy="76" r="14" />
      <path className={styles.accent} d="M106 76l5 5 8-10" />
    </Picture>
  )
}

/** A bird on a wire, looking out. */
export function NobodyWatches() {
  return (
    <Picture>
      <path className={styles.line} d="M10 78q74 14 148 0" />
      <path className={styles.soft} d="M70 74c-6-18 4-40 24-42 12-1 20 6 20 15l10 4-10 5c-2 14-12 22-26 22H62z" />
      <path className={styles.accent} d="M64 77L40 96M82 78v8M92 78v8" />
      <circle className={styles.line} cx="104" cy="44" r="2" />
    </Picture>
  )
}

/** One letter, and the many it becomes. */
export function ManyLetters() {
  return (
    <Picture>
      <rect className={styles.soft} x="74" y="16" width="66" height="44" rx="4" />
      <rect className={styles.soft} x="58" y="30" width="66" height="44" rx="4" />
      <rect className={styles.soft} x="42" y="44" width="66" height="44" rx="4" />
      <path className={styles.line} d="M44 47l31 24 31-24" />
      <path className={styles.accent} d="M24 66H10M30 78H16M24 90H10" strokeDasharray="4 5" />
    </Picture>
  )
}
