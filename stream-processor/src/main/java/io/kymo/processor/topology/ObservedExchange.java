package io.kymo.processor.topology;

import io.kymo.processor.enrichment.LocalEnd;
import io.kymo.schemas.Exchange;

/**
 * A row of requests on its way to the enricher, with what is known of the connection's two ends.
 */
record ObservedExchange(Exchange row, LocalEnd end, boolean localIsClient) {}
