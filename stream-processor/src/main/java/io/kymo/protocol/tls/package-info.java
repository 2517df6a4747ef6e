/** TLS: its handshake, as far as it is not encrypted. What it carries is seen by other means. */
package io.kymo.protocol.tls;
