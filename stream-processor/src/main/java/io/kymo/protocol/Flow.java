package io.kymo.protocol;

import io.kymo.schemas.Transport;

/**
 * What is known of a conversation besides its bytes. Ports are hints, never proof.
 *
 * @param serverPort 0 when unknown (Unix sockets)
 * @param fromStart false when bytes were exchanged before the first that was seen
 */
public record Flow(Transport transport, int clientPort, int serverPort, boolean fromStart) {}
