package dev.kausal.engine.certify;

import dev.kausal.engine.tokens.Tokenizer;
import java.util.Arrays;

/** Texts to ids, to text and to ids again. A tokenizer may change the text (upper case, accents), not the second ids. */
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
        return new Certificate.Check("texts whose tokens decode to another text", lost, 0, where);
    }
}
