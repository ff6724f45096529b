import { ChevronRight, CircleAlert, CircleCheck, CircleDashed, CloudOff, TriangleAlert } from 'lucide-react'
import type { DomainReport as Report } from '../../src/api/endpoints/domains.ts'
import { t } from '../texts/texts.ts'
import { CopyButton } from '../ui/copy-button.tsx'
import { type Tone, toned } from '../ui/tone.ts'
import styles from './domain-page.module.css'

type Check = Report['checks'][number]

const LOOKS: Readonly<Record<Check['status'], { tone: Tone; icon: typeof CircleCheck }>> = {
  ok: { tone: 'good', icon: CircleCheck },
  warn: { tone: 'care', icon: TriangleAlert },
  fail: { tone: 'bad', icon: CircleAlert },
  skip: { tone: 'calm', icon: CircleDashed },
  error: { tone: 'doubt', icon: CloudOff },
}

export function DomainReport({ report }: { report: Report }) {
  const fine = report.checks.filter(({ status }) => status === 'ok').length
  return (
    <div>
      <p className={styles.summary}>
        {report.summary} <span className={styles.quiet}>{t.domains.doctorCounts(fine, report.checks.length)}</span>
      </p>
      <ol>
        {report.checks.map((check) => (
          <CheckLine key={check.id} check={check} />
        ))}
      </ol>
    </div>
  )
}

function CheckLine({ check }: { check: Check }) {
  const { tone, icon: Icon } = LOOKS[check.status]
  const isOpen = check.status === 'fail' || check.status === 'warn'
  return (
    <li>
      <details className={styles.record} open={isOpen}>
        <summary className={styles.line} {...toned(tone)}>
          <ChevronRight className={styles.chevron} size={14} aria-hidden />
          <span className={styles.subject}>
            <Icon className={styles.mark} size={16} aria-hidden /> {check.title}
          </span>
          <span className={styles.need}>{t.domains.doctorStatuses[check.status]}</span>
        </summary>
        <div className={styles.body}>
          <p className={styles.sentence}>{check.evidence}</p>
          {check.found.length > 0 && (
            <div className={styles.found}>
              {check.found.map((text) => (
                <code key={text}>{text}</code>
              ))}
            </div>
          )}
          {isOpen && (
            <p className={styles.why}>
              {t.domains.why}: {check.why} {t.domains.affected}: {check.affected}
            </p>
          )}
          {isOpen && check.record && (
            <dl className={styles.field}>
              <dt>
                {t.domains.publish}: {check.record.type} {check.record.name}
              </dt>
              <dd>
                <code>{check.record.value}</code>
                <CopyButton text={check.record.value} label={t.domains.copyValue} />
              </dd>
            </dl>
          )}
        </div>
      </details>
    </li>
  )
}
