/**
 * Redis serialization protocol, versions 2 and 3, as Redis, Valkey, KeyDB and Dragonfly speak it.
 * Both directions are decoded element by element, so that neither large values nor long replies are
 * ever held.
 */
package io.kymo.protocol.redis;
