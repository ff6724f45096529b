import { ChevronRight } from 'lucide-react'
import type { DomainDetail } from '../../src/api/endpoints/domains.ts'
import { t } from '../texts/texts.ts'
import { CopyButton } from '../ui/copy-button.tsx'
import { Ago } from '../ui/time.tsx'
import styles from './domain-page.module.css'
import { RecordBadge, subjectName } from './domain-state.tsx'

type DnsRecord = DomainDetail['records'][number]

/** Each record to copy, with its state and what was found. What is in order folds away. */
export function Records({ records }: { records: readonly DnsRecord[] }) {
  return (
    <ul className={styles.records}>
      {records.map((record) => (
        <li key={record.subject}>
          <Record record={record} />
        </li>
      ))}
    </ul>
  )
}

function Record({ record }: { record: DnsRecord }) {
  const isDone = record.status === 'correct' || (record.status === 'missing' && record.need === 'optional')
  return (
    <details className={styles.record} open={!isDone}>
      <summary className={styles.line}>
        <ChevronRight className={styles.chevron} size={14} aria-hidden />
        <span className={styles.subject}>{subjectName(record.subject)}</span>
        <span className={styles.need}>{t.domains.needs[record.need]}</span>
        <RecordBadge record={record} />
      </summary>
      <div className={styles.body}>
        <p className={styles.why}>{record.why}</p>
        <dl className={styles.fields}>
          <Field name={t.domains.recordName} text={record.name} label={t.domains.copyName} />
          <Field name={`${record.type} · ${t.domains.recordValue}`} text={record.value} label={t.domains.copyValue} />
        </dl>
        <div className={styles.zone}>
          <CopyButton text={record.zone_line} label={t.domains.copyZone} /> {t.domains.copyZone}
        </div>
        {record.sentence !== null && <p className={styles.sentence}>{record.sentence}</p>}
        <Found record={record} />
      </div>
    </details>
  )
}

function Field({ name, text, label }: { name: string; text: string; label: string }) {
  return (
    <div className={styles.field}>
      <dt>{name}</dt>
      <dd>
        <code>{text}</code>
        <CopyButton text={text} label={label} />
      </dd>
    </div>
  )
}

function Found({ record: { found, status, last_ok_at } }: { record: DnsRecord }) {
  if (status === null) return null
  return (
    <div className={styles.found}>
      {found.length > 0 && (
        <>
          <span className={styles.foundTitle}>{t.domains.found}</span>
          {found.map((text) => (
            <code key={text}>{text}</code>
          ))}
        </>
      )}
      {last_ok_at && status !== 'correct' && (
        <span>
          {t.domains.lastOk} <Ago at={last_ok_at} />
        </span>
      )}
    </div>
  )
}
