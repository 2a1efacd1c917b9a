package dev.kausal.engine.certify;

import dev.kausal.engine.tokens.Tokenizer;
import java.util.Arrays;

/** Encodes texts to ids, decodes them and encodes them again. The text may change (case, accents), the ids must not. */
final class RoundTrips {
    private RoundTrips() {}

    static Certificate.Check check(Tokenizer tokenizer) {
        int lost = 0;
        String where = "";
        for (String text : OwnInputs.TEXTS) {
            int[] ids = tokenizer.encode(text).ids();
            if (!Arrays.equals(ids, tokenizer.encode(tokenizer.decode(ids)).ids())) {
                lost++;
                where = "'" + text + "'";
            }
        }
        return new Certificate.Check("texts whose ids change after decoding and encoding", lost, 0, where);
    }
}
