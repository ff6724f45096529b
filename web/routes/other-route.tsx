import { Button } from '@mantine/core'
import { useState } from 'react'
import { getQueues } from '../../src/api/endpoints/overview.ts'
import { changeRoute, checkRoute, getRoute, getRouteAccount, listRoutes } from '../../src/api/endpoints/routes.ts'
import { useMe, whyNot } from '../me.ts'
import { AccountFacts } from '../parts/account-panel.tsx'
import { Doctor } from '../parts/doctor.tsx'
import {
  changedRouteBody,
  type FormRoute,
  isDraftChanged,
  pointersOf,
  type SettingsDraft,
  settingsDraftOf,
} from '../parts/route-settings.ts'
import { SettingsFields } from '../parts/settings-fields.tsx'
import { useAction, useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { errorsFor } from '../ui/field-errors.ts'
import { Form } from '../ui/form.tsx'
import { Loadable } from '../ui/loadable.tsx'
import { Note } from '../ui/note.tsx'
import { Panel } from '../ui/panel.tsx'
import { toast } from '../ui/toasts.tsx'
import styles from './route-page.module.css'

/** A route that is no mail server: its settings, and beside them what its provider says about the account. */
export function OtherRoute({ route }: { route: FormRoute }) {
  const me = useMe()
  const [draft, setDraft] = useState<SettingsDraft | null>(null)
  const saved = settingsDraftOf(route)
  const shown = draft ?? saved
  const changed = isDraftChanged(shown, saved)
  const save = useAction(changeRoute, {
    quiet: true,
    changes: [getRoute, listRoutes, getQueues],
    onDone: () => {
      setDraft(null)
      toast('good', t.routes.saved)
    },
  })
  return (
    <div className={styles.columns}>
      <Panel title={t.routes.settings}>
        <Form
          problem={errorsFor(save.error, pointersOf(route.kind)).rest}
          onSubmit={() => save.mutate({ params: { id: route.id }, body: changedRouteBody(route.kind, shown) })}
        >
          <SettingsFields
            kind={route.kind}
            draft={shown}
            onChange={setDraft}
            refused={save.error}
            hasSecret={route.kind !== 'mx' && route.settings.has_secret}
          />
          <div className={styles.save}>
            <ActButton
              type="submit"
              because={whyNot(me, 'routes.manage')}
              loading={save.isPending}
              variant={changed ? 'filled' : 'default'}
            >
              {t.routes.save}
            </ActButton>
            {changed && (
              <Button variant="subtle" onClick={() => setDraft(null)}>
                {t.routes.discard}
              </Button>
            )}
            {changed && <span className={styles.unsaved}>{t.routes.unsaved}</span>}
          </div>
        </Form>
      </Panel>
      {route.kind === 'mx' ? (
        <Direct
          route={route}
          isChanged={changed}
          onHelo={(helo_name) => setDraft({ ...shown, values: { ...shown.values, helo_name } })}
        />
      ) : (
        <Account route={route} isChanged={changed} />
      )}
    </div>
  )
}

/** The way out and what the world knows of us, of the settings that are saved. */
function Direct({ route, isChanged, onHelo }: { route: FormRoute; isChanged: boolean; onHelo: (name: string) => void }) {
  const me = useMe()
  const examine = useAction(checkRoute, { quiet: true })
  const because = whyNot(me, 'routes.manage') ? t.doctor.mayNot : isChanged ? t.routes.unsaved : null
  return (
    <div className={styles.stack}>
      <Panel title={t.doctor.title}>
        <Doctor
          report={examine.data}
          isRunning={examine.isPending}
          problem={examine.error?.message ?? null}
          because={because}
          lead={t.doctor.directLead}
          onExamine={() => examine.mutate({ params: { id: route.id } })}
          onApply={({ helo_name }) => helo_name && onHelo(helo_name)}
        />
      </Panel>
      <Note tone="calm" hint={t.routes.mxHint}>
        {t.routes.mxNote}
      </Note>
    </div>
  )
}

/** The doctor examines what is saved: the key never comes back to be sent again. */
function Account({ route, isChanged }: { route: Exclude<FormRoute, { kind: 'mx' }>; isChanged: boolean }) {
  const me = useMe()
  const query = useEndpoint(getRouteAccount, { id: route.id })
  const examine = useAction(checkRoute, { quiet: true, changes: [getRouteAccount] })
  const because = whyNot(me, 'routes.manage') ? t.doctor.mayNot : isChanged ? t.routes.unsaved : null
  return (
    <div className={styles.stack}>
      <Panel title={t.doctor.title}>
        <Doctor
          report={examine.data ?? query.data?.report ?? undefined}
          isRunning={examine.isPending}
          problem={examine.error?.message ?? null}
          because={because}
          lead={t.doctor.accountLead}
          onExamine={() => examine.mutate({ params: { id: route.id } })}
          onApply={() => {}}
        />
      </Panel>
      <Panel title={t.routes.account}>
        <Loadable query={query}>{(account) => <AccountFacts account={account} />}</Loadable>
      </Panel>
      <Note tone="calm">{route.kind === 'ses' ? t.routes.sesNote : t.routes.scalewayNote}</Note>
    </div>
  )
}
