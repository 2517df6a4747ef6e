/**
 * {@code kymo decode}: files of packets to rows of table {@code requests}, in one process, without
 * any server. Uses the collector's packets and flows and the stream-processor's reassembly, pairing
 * and enrichment as they are.
 *
 * <pre>
 *   reader: file → frame → packet ──┬─ batches ─▶ decoder 0: flow → conversation → exchange → row ─▶ output
 *                                   └─ batches ─▶ decoder 1: …          (a flow stays with one decoder)
 * </pre>
 */
package io.kymo.captures;
