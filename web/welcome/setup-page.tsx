import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { getSetup } from '../../src/api/endpoints/account.ts'
import { meQuery } from '../me.ts'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Loadable } from '../ui/loadable.tsx'
import { ChooseRoute } from './choose-route.tsx'
import { FirstInbox } from './first-inbox.tsx'
import { FirstMail } from './first-mail.tsx'
import { WelcomeFrame } from './frame.tsx'
import { MakeOwner } from './make-owner.tsx'

const route = getRouteApi('/setup')

/** First run, four steps: who runs this server, how mail leaves, where it arrives, and a real message with its waybill. Each step has a URL. */
export function SetupPage() {
  const { code, step } = route.useSearch()
  const navigate = useNavigate()
  const go = (next: 'route' | 'inbox' | 'test') => void navigate({ to: '/setup', search: { step: next } })
  switch (step) {
    case undefined:
      return <First code={code ?? ''} onDone={() => go('route')} />
    case 'route':
      return <SignedIn>{(email) => <ChooseRoute email={email} onDone={() => go('inbox')} />}</SignedIn>
    case 'inbox':
      return <SignedIn>{() => <FirstInbox onDone={() => go('test')} />}</SignedIn>
    case 'test':
      return <SignedIn>{(email) => <FirstMail email={email} />}</SignedIn>
  }
}

function First({ code, onDone }: { code: string; onDone: () => void }) {
  const query = useEndpoint(getSetup, {})
  return query.data && !query.data.needed ? (
    <Done />
  ) : (
    <WelcomeFrame title={t.setup.aboutTitle} lead={t.setup.aboutLead} step={1}>
      <Loadable query={query}>{() => <MakeOwner code={code} onDone={onDone} />}</Loadable>
    </WelcomeFrame>
  )
}

/** The later steps are for the owner that the first one made, on this browser or after signing in. */
function SignedIn({ children }: { children: (email: string) => React.ReactNode }) {
  const me = useQuery({ ...meQuery, retry: false })
  if (me.data) return children(me.data.user?.email ?? '')
  return me.error ? <Done /> : null
}

function Done() {
  const navigate = useNavigate()
  return (
    <WelcomeFrame title={t.setup.doneTitle} lead={t.setup.done}>
      <Button fullWidth onClick={() => void navigate({ to: '/sign-in', search: {} })}>
        {t.signIn.act}
      </Button>
    </WelcomeFrame>
  )
}
