/**
 * DNS over UDP and TCP (RFC 1035, RFC 6891, RFC 7766), with its relatives multicast DNS (RFC 6762)
 * and LLMNR (RFC 4795).
 */
package io.kymo.protocol.dns;
