package io.kymo.processor.battery;

import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.processor.pairing.CompletedExchange;
import io.kymo.processor.reassembly.Conversation;
import io.kymo.processor.reassembly.ConversationListener;
import io.kymo.processor.reassembly.ConversationProbe;
import io.kymo.processor.reassembly.GapCause;
import io.kymo.processor.reassembly.Limits;
import io.kymo.processor.reassembly.Reassembly;
import io.kymo.protocol.Parser;
import io.kymo.protocol.Side;
import io.kymo.schemas.Role;
import io.kymo.schemas.Transport;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Plays segments to a conversation, and checks after each that every byte is accounted for. */
final class Player implements ConversationListener {
  // both wrap around 2^32 within a small corpus
  private static final long[] FIRST = {0xffff_fff0L, 0xffff_ff00L};

  final List<Seen> seen = new ArrayList<>();
  final Reassembly shared;
  private final Transport transport;
  private final int clientPort;
  private final int serverPort;
  private boolean localIsClient = true;
  private boolean fromStart;
  private Role role = Role.CLIENT;
  private Conversation conversation;
  private boolean savesAndLoads;
  private boolean restored;
  private long fed;
  private long gaps;
  private long lastTime;
  private final long[] ends = new long[2];

  Player(Corpus corpus, Map<String, Parser> parsers) {
    this(corpus, parsers, Limits.DEFAULT);
  }

  Player(Corpus corpus, Map<String, Parser> parsers, Limits limits) {
    shared = new Reassembly(limits, parsers);
    transport = corpus.transport();
    clientPort = corpus.port(Side.CLIENT);
    serverPort = corpus.port(Side.SERVER);
    fromStart = corpus.fromStart();
  }

  /** The traced process is the server. */
  Player atServer() {
    localIsClient = false;
    role = Role.SERVER;
    return this;
  }

  Player roleUnknown() {
    role = Role.UNKNOWN;
    return this;
  }

  Player midStream() {
    fromStart = false;
    return this;
  }

  /** Stores and restores the conversation before each segment. */
  Player savingAndLoading() {
    savesAndLoads = true;
    return this;
  }

  /** Where the directions begin is known. */
  Player opened() {
    conversation()
        .opened(
            position(localIsClient ? Side.SERVER : Side.CLIENT),
            position(localIsClient ? Side.CLIENT : Side.SERVER));
    return this;
  }

  Conversation conversation() {
    if (conversation == null) {
      conversation = create();
    }
    return conversation;
  }

  private Conversation create() {
    return shared.conversation(
        this,
        transport,
        role,
        localIsClient,
        localIsClient ? clientPort : serverPort,
        localIsClient ? serverPort : clientPort,
        fromStart);
  }

  Player play(Segment segment) {
    if (savesAndLoads) {
      saveAndLoad();
    }
    int side = segment.side().ordinal();
    fed += segment.length();
    lastTime = Math.max(lastTime, segment.time());
    ends[side] = Math.max(ends[side], segment.end());
    byte[] payload = segment.payload();
    // a place in a larger array, as a batch has it
    byte[] around = new byte[payload.length + 7];
    System.arraycopy(payload, 0, around, 3, payload.length);
    conversation()
        .segment(
            egress(segment.side()),
            segment.time(),
            position(segment.side(), segment.position()),
            segment.length(),
            around,
            3,
            payload.length,
            segment.burst());
    check();
    return this;
  }

  Player play(List<Segment> segments) {
    for (Segment segment : segments) {
      play(segment);
    }
    return this;
  }

  /** Ends as the corpus says; all positions are known. */
  Player end(String how) {
    long ingress = position(egress(Side.CLIENT) ? Side.SERVER : Side.CLIENT);
    long egress = position(egress(Side.CLIENT) ? Side.CLIENT : Side.SERVER);
    switch (how) {
      case "close" -> conversation().close(lastTime + 1, ingress, egress, false);
      case "reset" -> conversation().close(lastTime + 1, ingress, egress, true);
      case "open" -> {
        advance();
        conversation().close(lastTime + 1, -1, -1, false);
      }
      default -> throw new IllegalArgumentException("end=" + how);
    }
    if (!conversation().finished()) { // waits for what was lost
      advance();
    }
    check();
    assertThat(conversation().finished()).isTrue();
    assertThat(conversation().accounting().pending()).isZero();
    return this;
  }

  /** So much stream time passes that nothing waits any more. */
  Player advance() {
    lastTime += 1_000_000_000_000L;
    conversation().advance(lastTime);
    check();
    return this;
  }

  private long position(Side side) {
    return position(side, ends[side.ordinal()]);
  }

  private static long position(Side side, long position) {
    return FIRST[side.ordinal()] + position & 0xffff_ffffL;
  }

  private boolean egress(Side side) {
    return (side == Side.CLIENT) == localIsClient;
  }

  /** Stores the conversation and goes on with the stored one. */
  void saveAndLoad() {
    restored = true;
    try {
      ByteArrayOutputStream saved = save(conversation());
      conversation().release();
      conversation = create();
      DataInputStream in = new DataInputStream(new ByteArrayInputStream(saved.toByteArray()));
      conversation.load(in);
      assertThat(in.available()).isZero();
      assertThat(save(conversation).toByteArray()).isEqualTo(saved.toByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ByteArrayOutputStream save(Conversation conversation) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    conversation.save(new DataOutputStream(out));
    return out;
  }

  private void check() {
    var a = conversation().accounting();
    long sum = a.decoded() + a.skipped() + a.gaps() + a.truncated() + a.opaque() + a.pending();
    if (a.captured() != sum
        || a.captured() != fed - a.duplicates() + gaps
        || a.pending() != ConversationProbe.waiting(conversation())
        || !restored && !a.toString().equals(shared.accounting().toString())
        || shared.counters().parserFaults > 0) {
      throw new AssertionError(
          "accounting: %s; fed=%d gaps=%d waiting=%d, sum %s, parser faults %d"
              .formatted(
                  a,
                  fed,
                  gaps,
                  ConversationProbe.waiting(conversation()),
                  shared.accounting(),
                  shared.counters().parserFaults));
    }
  }

  @Override
  public void exchange(CompletedExchange exchange) {
    seen.add(Seen.of(exchange));
  }

  @Override
  public void gap(boolean egress, long position, long length, GapCause cause) {
    gaps += length;
  }
}
