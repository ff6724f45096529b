import { Button } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { Star } from 'lucide-react'
import { useState } from 'react'
import { getQueues } from '../../src/api/endpoints/overview.ts'
import { changeRoute, getRoute, listRoutes, type Route } from '../../src/api/endpoints/routes.ts'
import type { Id } from '../../src/lib/ids.ts'
import { ToldLater } from '../feedback/told-later.tsx'
import { useMe, whyNot } from '../me.ts'
import { CircuitBadge, NextProbe } from '../parts/circuit.tsx'
import { Doctor } from '../parts/doctor.tsx'
import { draftOf, isChanged, type RouteDraft, settingsOf } from '../parts/route-draft.ts'
import { RouteFields, SMTP_POINTERS } from '../parts/route-form.tsx'
import { useDoctor } from '../parts/use-doctor.ts'
import { useAction, useEndpoint } from '../query.ts'
import { AppLink } from '../shell/app-link.tsx'
import { NotFound } from '../shell/crashed.tsx'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { Badge } from '../ui/badge.tsx'
import { errorsFor } from '../ui/field-errors.ts'
import { Form } from '../ui/form.tsx'
import { asSentence, clockOrDay } from '../ui/format.ts'
import { Loadable } from '../ui/loadable.tsx'
import { Note } from '../ui/note.tsx'
import { Page } from '../ui/page.tsx'
import { Panel } from '../ui/panel.tsx'
import { useNow } from '../ui/time.tsx'
import { toast } from '../ui/toasts.tsx'
import { OtherRoute } from './other-route.tsx'
import { ReceiverLimits } from './receiver-limits.tsx'
import { RouteActs } from './route-acts.tsx'
import styles from './route-page.module.css'

const api = getRouteApi('/shell/routes/$id')

export function RoutePage() {
  const { id } = api.useParams()
  const query = useEndpoint(getRoute, { id: id as Id<'route'> })
  if (query.error && (query.error.status === 404 || query.error.status === 422)) return <NotFound />
  const route = query.data
  return (
    <Page
      title={route?.name ?? t.routes.title}
      lead={
        route && (
          <span className={styles.title}>
            <CircuitBadge circuit={route.circuit} />
            {route.is_default && <Badge tone="busy" icon={Star} label={t.routes.isDefault} />}
            {route.waiting > 0 ? t.circuit.kept(route.waiting) : t.overview.nothingWaits}
          </span>
        )
      }
      acts={route && <RouteActs route={route} />}
    >
      <Loadable query={query}>
        {(loaded) => (
          <>
            <Stopped route={loaded} />
            <Settings key={loaded.id} route={loaded} />
            <div className={styles.below}>
              {loaded.kind === 'mx' && <ReceiverLimits key={loaded.id} routeId={loaded.id} />}
              {(loaded.kind === 'ses' || loaded.kind === 'scaleway') && <ToldLater key={loaded.id} routeId={loaded.id} />}
            </div>
          </>
        )}
      </Loadable>
    </Page>
  )
}

function Settings({ route }: { route: Route }) {
  switch (route.kind) {
    case 'smtp':
      return <SmtpRoute route={route} />
    case 'mx':
    case 'ses':
    case 'scaleway':
      return <OtherRoute route={route} />
    case 'sandbox':
      return (
        <Note tone="calm" act={<AppLink href="/sandbox">{t.routes.openSandbox}</AppLink>}>
          {t.routes.sandboxNote}
        </Note>
      )
  }
}

/** Why it stopped, since when, when it is tried again, and that nobody loses a try by it. */
function Stopped({ route: { circuit } }: { route: Route }) {
  const now = useNow()
  if (circuit.state === 'closed') return null
  return (
    <div className={styles.status}>
      <Note
        tone="bad"
        hint={
          <>
            {asSentence(circuit.reason.hint)} {t.circuit.since(clockOrDay(circuit.since, now), circuit.failures)}{' '}
            {t.circuit.costs}
          </>
        }
      >
        <strong>{asSentence(circuit.reason.sentence)}</strong> <NextProbe circuit={circuit} />
      </Note>
    </div>
  )
}

function SmtpRoute({ route }: { route: Extract<Route, { kind: 'smtp' }> }) {
  const me = useMe()
  const [draft, setDraft] = useState<RouteDraft | null>(null)
  const saved = draftOf(route)
  const shown = draft ?? saved
  const changed = isChanged(shown, saved)
  const doctor = useDoctor({ draft: shown, onChange: setDraft, savedId: changed ? null : route.id, address: me.user?.email })
  const save = useAction(changeRoute, {
    quiet: true,
    changes: [getRoute, listRoutes, getQueues],
    onDone: () => {
      setDraft(null)
      toast('good', t.routes.saved)
    },
  })
  const mayNot = whyNot(me, 'routes.manage')
  const note = changed && route.settings.has_password && shown.password === null ? t.doctor.unsavedNote : null
  return (
    <div className={styles.columns}>
      <Panel title={t.routes.settings}>
        <Form
          problem={errorsFor(save.error, SMTP_POINTERS).rest}
          onSubmit={() =>
            save.mutate({ params: { id: route.id }, body: { name: shown.name.trim(), settings: settingsOf(shown) } })
          }
        >
          <RouteFields draft={shown} onChange={setDraft} refused={save.error} hasPassword={route.settings.has_password} />
          <div className={styles.save}>
            <ActButton type="submit" because={mayNot} loading={save.isPending} variant={changed ? 'filled' : 'default'}>
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
      <Panel title={t.doctor.title}>
        <Doctor {...doctor} because={mayNot ? t.doctor.mayNot : doctor.because} note={note} />
      </Panel>
    </div>
  )
}
