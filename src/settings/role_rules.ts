/* What must hold between the roles of a node, its listeners and its quorum; each rule is Kafka's. */

import type { ResolvedListeners } from './listeners.ts';
import type { BROKER_SETTINGS, Values } from './tables.ts';
import type { Problem, Properties } from './values.ts';

type BrokerValues = Values<typeof BROKER_SETTINGS>;

const NAMES = 'controller.listener.names';
const VOTERS = 'controller.quorum.voters';

/** Whether something was said of the quorum: only a node that was told nothing is a quorum of its own. */
export function isQuorumTold(properties: Properties): boolean {
  return ['process.roles', VOTERS, 'controller.quorum.bootstrap.servers'].some(key => properties.has(key));
}

export function* checkRoles(
  values: BrokerValues,
  properties: Properties,
  listeners: ResolvedListeners,
): Generator<Problem> {
  const isBroker = values['process.roles'].includes('broker');
  const isController = values['process.roles'].includes('controller');
  // A quorum of its own that was not derived lacks the listener alone, which is said below.
  if (isQuorumTold(properties) || values[VOTERS].length > 0) yield* checkQuorum(values, isController);
  if (isController) yield* checkControllerListeners(listeners, isBroker);
  else yield* checkNoController(values, listeners);
  if (isBroker) yield* checkBrokerListeners(listeners);
  const named = values['inter.broker.listener.name']?.toUpperCase();
  if (!isBroker && named !== undefined && listeners.controllerListenerNames.includes(named)) {
    yield {
      keys: ['inter.broker.listener.name', NAMES],
      text: `inter.broker.listener.name=${named} is a listener of controllers (${NAMES}), where brokers do not talk to each other`,
    };
  }
}

function* checkQuorum(values: BrokerValues, isController: boolean): Generator<Problem> {
  const voters = values['controller.quorum.voters'];
  const nodeId = values['node.id'];
  const listed = voters.some(voter => voter.nodeId === nodeId);
  if (voters.length === 0 && values['controller.quorum.bootstrap.servers'].length === 0) {
    yield {
      keys: [VOTERS, 'controller.quorum.bootstrap.servers', 'process.roles'],
      text: `with process.roles, either ${VOTERS} (id@host:port, separated by commas) or controller.quorum.bootstrap.servers (host:port) must say where the controllers are`,
    };
  } else if (isController && voters.length > 0 && !listed) {
    yield {
      keys: [VOTERS, 'node.id'],
      text: `${VOTERS} must name this controller, node.id=${nodeId}: it has ${voters.map(voter => voter.nodeId).join(', ')}`,
    };
  } else if (!isController && listed) {
    yield {
      keys: [VOTERS, 'node.id', 'process.roles'],
      text: `${VOTERS} names node.id=${nodeId}, whose process.roles do not include controller`,
    };
  }
  if (!isController && values['controller.quorum.auto.join.enable']) {
    const key = 'controller.quorum.auto.join.enable';
    yield {
      keys: [key, 'process.roles'],
      text: `${key}=true is for nodes whose process.roles include controller`,
    };
  }
}

function* checkControllerListeners(listeners: ResolvedListeners, isBroker: boolean): Generator<Problem> {
  const names = listeners.listeners.map(listener => listener.name);
  const { controllerListenerNames } = listeners;
  for (const name of controllerListenerNames) {
    if (names.includes(name)) continue;
    yield {
      keys: [NAMES, 'listeners'],
      text: `${NAMES} names ${name}, which is no listener: add ${name}://host:port to listeners, which has ${names.join(', ')}`,
    };
  }
  const others = names.filter(name => !controllerListenerNames.includes(name));
  if (!isBroker && others.length > 0) {
    yield {
      keys: ['listeners', NAMES, 'process.roles'],
      text: `with process.roles=controller, listeners must hold listeners of ${NAMES} only: ${others.join(', ')} is none`,
    };
  }
}

function* checkNoController(values: BrokerValues, listeners: ResolvedListeners): Generator<Problem> {
  const own = listeners.listeners.filter(each => listeners.controllerListenerNames.includes(each.name));
  if (own.length > 0) {
    yield {
      keys: ['listeners', NAMES, 'process.roles'],
      text: `with process.roles=${values['process.roles'].join(',')}, listeners must hold no listener of ${NAMES}: ${own[0]!.name} is one`,
    };
  }
}

function* checkBrokerListeners(listeners: ResolvedListeners): Generator<Problem> {
  const { advertisedListeners, interBrokerListenerName } = listeners;
  const names = advertisedListeners.map(listener => listener.name);
  if (names.length === 0) {
    yield {
      keys: ['listeners', 'advertised.listeners', NAMES],
      text: `a broker needs a listener that is not one of ${NAMES}, such as PLAINTEXT://:9092`,
    };
  } else if (interBrokerListenerName !== '' && !names.includes(interBrokerListenerName)) {
    yield {
      keys: ['inter.broker.listener.name', 'security.inter.broker.protocol', 'listeners'],
      text: `brokers are to talk to each other over ${interBrokerListenerName}, which is not advertised: set inter.broker.listener.name to one of ${names.join(', ')}`,
    };
  }
}
