import { type ReactNode, useEffect } from 'react'
import { Mark } from '../shell/mark.tsx'
import { t } from '../texts/texts.ts'
import styles from './frame.module.css'

interface Props {
  readonly title: string
  readonly lead?: string
  /** Of the set-up: which step this is. */
  readonly step?: number
  readonly wide?: boolean
  readonly children: ReactNode
}

/** The page before the frame: one card, in the form of a label. */
export function WelcomeFrame({ title, lead, step, wide = false, children }: Props) {
  useEffect(() => {
    document.title = `${title} · Waybill`
  }, [title])
  return (
    <main className={styles.page}>
      <div className={styles.brand}>
        <Mark size={30} /> Waybill
      </div>
      {step !== undefined && <Steps step={step} />}
      <div className={[styles.card, wide && styles.wide].filter(Boolean).join(' ')}>
        <header className={styles.head}>
          {step !== undefined && <div className={styles.step}>{t.setup.step(step, t.setup.steps.length)}</div>}
          <h1 className={styles.title}>{title}</h1>
          {lead && <p className={styles.lead}>{lead}</p>}
        </header>
        <div className={styles.tear} />
        <div className={styles.body}>{children}</div>
      </div>
    </main>
  )
}

function Steps({ step }: { step: number }) {
  return (
    <ol className={styles.steps} aria-label={t.setup.title}>
      {t.setup.steps.map((name, index) => (
        <li key={name} aria-current={index + 1 === step ? 'step' : undefined}>
          {name}
        </li>
      ))}
    </ol>
  )
}
