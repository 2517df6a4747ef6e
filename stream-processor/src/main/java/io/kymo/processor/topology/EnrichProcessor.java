package io.kymo.processor.topology;

import io.kymo.processor.enrichment.Enricher;
import io.kymo.schemas.Exchange;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;

/** Says who stood at the two ends of each exchange. */
final class EnrichProcessor
    extends ContextualProcessor<RowKey, ObservedExchange, RowKey, Exchange> {
  private final Enricher enricher = new Enricher();

  @Override
  public void process(Record<RowKey, ObservedExchange> observed) {
    ObservedExchange exchange = observed.value();
    enricher.enrich(exchange.row(), exchange.end(), exchange.localIsClient());
    context().forward(observed.withValue(exchange.row()));
  }
}
