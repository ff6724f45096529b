import { Button, Loader } from '@mantine/core'
import { ChevronRight, CircleAlert, CircleCheck, CircleDashed, Stethoscope, TriangleAlert, Wrench } from 'lucide-react'
import type { DoctorCheck, DoctorReport } from '../../src/api/endpoints/doctor.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { milliseconds } from '../ui/format.ts'
import { Note } from '../ui/note.tsx'
import { type Tone, toned } from '../ui/tone.ts'
import styles from './doctor.module.css'
import type { Patch } from './route-draft.ts'

interface Props {
  readonly report: DoctorReport | undefined
  readonly isRunning: boolean
  readonly problem: string | null
  readonly because: string | null
  readonly note?: string | null
  readonly lead?: string
  readonly onExamine: () => void
  readonly onApply: (patch: Patch, label: string) => void
}

/** The doctor beside a form: what it saw of the mail server, why something is wrong, and a fix that one press applies. */
export function Doctor({ report, isRunning, problem, because, note, lead = t.doctor.lead, onExamine, onApply }: Props) {
  return (
    <div className={styles.stack}>
      {!report && <p className={styles.lead}>{lead}</p>}
      <ActButton
        variant={report ? 'default' : 'light'}
        leftSection={<Stethoscope size={15} aria-hidden />}
        because={because}
        loading={isRunning}
        onClick={onExamine}
      >
        {report ? t.doctor.again : t.doctor.examine}
      </ActButton>
      {note && <p className={styles.lead}>{note}</p>}
      <div aria-live="polite" className={styles.report}>
        {isRunning && (
          <div className={styles.running}>
            <Loader size={14} /> {t.doctor.running}
          </div>
        )}
        {problem && !isRunning && <Note tone="bad">{problem}</Note>}
        {report && !isRunning && <Report report={report} onApply={onApply} />}
      </div>
    </div>
  )
}

function Report({ report, onApply }: { report: DoctorReport; onApply: Props['onApply'] }) {
  const fine = report.checks.filter(({ status }) => status === 'ok').length
  const Icon = report.ok ? CircleCheck : CircleAlert
  return (
    <div>
      <div className={styles.summary} {...toned(report.ok ? 'good' : 'bad')}>
        <Icon size={17} aria-hidden />
        <span>
          {report.summary}
          <span className={styles.counts}>{t.doctor.counts(fine, report.checks.length)}</span>
        </span>
      </div>
      <ol>
        {report.checks.map((check) => (
          <Check key={check.id} check={check} onApply={onApply} />
        ))}
      </ol>
    </div>
  )
}

const LOOKS: Readonly<Record<DoctorCheck['status'], { tone: Tone; icon: typeof CircleCheck }>> = {
  ok: { tone: 'good', icon: CircleCheck },
  warn: { tone: 'care', icon: TriangleAlert },
  fail: { tone: 'bad', icon: CircleAlert },
  skip: { tone: 'calm', icon: CircleDashed },
}

function Check({ check, onApply }: { check: DoctorCheck; onApply: Props['onApply'] }) {
  const { tone, icon: Icon } = LOOKS[check.status]
  const isOpen = check.status === 'fail' || check.status === 'warn'
  return (
    <li className={[styles.check, check.status === 'skip' && styles.skip].filter(Boolean).join(' ')}>
      <details open={isOpen}>
        <summary className={styles.line} {...toned(tone)}>
          <Icon size={16} aria-hidden />
          <span className={styles.title}>
            {check.title}
            <span className="visually-hidden">: {t.doctor.statuses[check.status]}</span>
          </span>
          <span className={styles.ms}>{check.status === 'skip' ? t.doctor.statuses.skip : milliseconds(check.ms)}</span>
          <ChevronRight className={styles.chevron} size={14} aria-hidden />
        </summary>
        <div className={styles.body}>
          {check.cause && <p className={styles.cause}>{check.cause}</p>}
          {check.evidence && <p className={styles.evidence}>{check.evidence}</p>}
          {check.fixes.length > 0 && (
            <div className={styles.fixes}>
              {check.fixes.map((fix) => (
                <Button
                  key={fix.label}
                  size="compact-sm"
                  leftSection={<Wrench size={13} aria-hidden />}
                  onClick={() => onApply(fix.patch, fix.label)}
                >
                  {t.doctor.apply}: {fix.label}
                </Button>
              ))}
            </div>
          )}
        </div>
      </details>
    </li>
  )
}
