import { CircleAlert, CircleCheck, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import styles from './content.module.css'

const ICONS = { ok: CircleCheck, care: TriangleAlert, bad: CircleAlert } as const

/** One finding; the picture says how bad, the words say what. */
export function CheckLine({ tone, children, more }: { tone: keyof typeof ICONS; children: ReactNode; more?: ReactNode }) {
  const Icon = ICONS[tone]
  return (
    <li className={styles.check}>
      <Icon size={15} className={styles[tone]} aria-hidden />
      <div className={styles.checkWords}>
        {children}
        {more && <div className={styles.more}>{more}</div>}
      </div>
    </li>
  )
}
