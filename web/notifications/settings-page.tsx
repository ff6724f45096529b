import { Button, Checkbox, Switch } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import {
  changeNotificationSettings,
  getNotificationSettings,
  type NotificationSettings,
} from '../../src/api/endpoints/notifications.ts'
import { MEDIA, type Medium, PERSONAL, type Reason } from '../../src/helpdesk/notify/matrix.ts'
import { keyOf, useAction, useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Loadable } from '../ui/loadable.tsx'
import { Page } from '../ui/page.tsx'
import { Panel } from '../ui/panel.tsx'
import { toast } from '../ui/toasts.tsx'
import { Browsers } from './browsers.tsx'
import styles from './settings-page.module.css'

export function NotificationSettingsPage() {
  const query = useEndpoint(getNotificationSettings, {})
  return (
    <Page title={t.notificationSettings.title} lead={t.notificationSettings.lead} shape="narrow">
      <Loadable query={query}>
        {(settings) => (
          <div className={styles.sections}>
            <Matrix settings={settings} />
            <Muted settings={settings} />
            <Browsers />
          </div>
        )}
      </Loadable>
    </Page>
  )
}

type Choice = NotificationSettings['choices'][number]

/** The answer is how it is now: nothing is asked again, and no box flickers. */
function useChange(onDone?: () => void) {
  const client = useQueryClient()
  return useAction(changeNotificationSettings, {
    onDone: (settings) => {
      client.setQueryData(keyOf(getNotificationSettings, {}), settings)
      onDone?.()
    },
  })
}

function Matrix({ settings: { choices } }: { settings: NotificationSettings }) {
  const change = useChange()
  const reset = useChange(() => toast('good', t.notificationSettings.resetDone))
  const isUsual = choices.every(({ media, usual }) => isSame(media, usual))
  const groups = [
    [t.notificationSettings.groups.mine, choices.filter(({ reason }) => PERSONAL.has(reason))],
    [t.notificationSettings.groups.others, choices.filter(({ reason }) => !PERSONAL.has(reason))],
  ] as const
  return (
    <Panel
      flush
      title={t.notificationSettings.what}
      aside={
        <Button
          size="compact-sm"
          variant="default"
          disabled={isUsual}
          loading={reset.isPending}
          onClick={() =>
            reset.mutate({ body: { choices: Object.fromEntries(choices.map(({ reason, usual }) => [reason, usual])) } })
          }
        >
          {t.notificationSettings.reset}
        </Button>
      }
    >
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">
              <span className="visually-hidden">{t.notificationSettings.what}</span>
            </th>
            {MEDIA.map((medium) => (
              <th key={medium} scope="col" className={styles.medium} title={t.notificationSettings.mediaHints[medium]}>
                {t.notificationSettings.media[medium]}
              </th>
            ))}
          </tr>
        </thead>
        {groups.map(([name, rows]) => (
          <tbody key={name}>
            <tr>
              <th scope="rowgroup" colSpan={MEDIA.length + 1} className={styles.group}>
                {name}
              </th>
            </tr>
            {rows.map((choice) => (
              <Row
                key={choice.reason}
                choice={choice}
                busy={change.isPending ? change.variables?.body.choices?.[choice.reason] : undefined}
                onChange={(media) => change.mutate({ body: { choices: { [choice.reason]: media } } })}
              />
            ))}
          </tbody>
        ))}
      </table>
    </Panel>
  )
}

function Row({
  choice: { reason, media, usual },
  busy,
  onChange,
}: {
  choice: Choice
  /** What is being saved. */
  busy: readonly Medium[] | undefined
  onChange: (media: Medium[]) => void
}) {
  const shown = busy ?? media
  const name = t.notificationSettings.reasons[reason as Reason]
  return (
    <tr>
      <th scope="row" className={styles.reason}>
        {name}
        {!isSame(shown, usual) && (
          <span className={styles.changed} title={t.notificationSettings.changed}>
            <span aria-hidden> •</span>
            <span className="visually-hidden"> ({t.notificationSettings.changed})</span>
          </span>
        )}
      </th>
      {MEDIA.map((medium) => (
        <td key={medium} className={styles.medium}>
          <div className={styles.cell}>
            <Checkbox
              checked={shown.includes(medium)}
              aria-label={t.notificationSettings.cell(name, t.notificationSettings.media[medium])}
              onChange={({ currentTarget }) =>
                onChange(MEDIA.filter((each) => (each === medium ? currentTarget.checked : shown.includes(each))))
              }
            />
          </div>
        </td>
      ))}
    </tr>
  )
}

function Muted({ settings: { inboxes } }: { settings: NotificationSettings }) {
  const change = useChange()
  const muted = inboxes.filter((inbox) => inbox.muted).map(({ id }) => id)
  return (
    <Panel title={t.notificationSettings.muted}>
      <p className={styles.lead}>{t.notificationSettings.mutedLead}</p>
      {inboxes.length === 0 && <p className={styles.lead}>{t.notificationSettings.noInboxes}</p>}
      <ul className={styles.inboxes}>
        {inboxes.map(({ id, name, muted: isMuted }) => (
          <li key={id}>
            <Switch
              label={name}
              aria-label={t.notificationSettings.mute(name)}
              checked={isMuted}
              disabled={change.isPending}
              onChange={({ currentTarget }) =>
                change.mutate({ body: { muted: currentTarget.checked ? [...muted, id] : muted.filter((each) => each !== id) } })
              }
            />
          </li>
        ))}
      </ul>
    </Panel>
  )
}

function isSame(a: readonly Medium[], b: readonly Medium[]): boolean {
  return a.length === b.length && a.every((medium) => b.includes(medium))
}
