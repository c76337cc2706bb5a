package dev.profilepic.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErasureKeyTest {

  private final ErasureKey key = new ErasureKey("a-secret-of-enough-length");

  @ParameterizedTest
  @CsvSource({
    "5562999212484, 556299212484",
    "5215512345678, 525512345678",
    "5491122334455, 541122334455"
  })
  void allSpellingsOfANumberHaveOneDigest(String one, String other) {
    assertThat(key.digest(new PhoneNumber(one))).isEqualTo(key.digest(new PhoneNumber(other)));
  }

  @Test
  void anotherNumberOrAnotherKeyHasAnotherDigest() {
    var phone = new PhoneNumber("5562999212484");
    var digest = key.digest(phone);

    assertThat(digest)
        .hasSize(64)
        .isNotEqualTo(key.digest(new PhoneNumber("5562999212485")))
        .isNotEqualTo(new ErasureKey("another-secret-of-length").digest(phone));
  }

  @Test
  void whatIsSealedIsReadWithTheSameKeyOnly() throws GeneralSecurityException {
    var person = new ErasedPerson(List.of("5562999212484"), List.of("77000000000001"), List.of());

    var sealed = key.seal(person.toJson());

    assertThat(new String(sealed, StandardCharsets.ISO_8859_1)).doesNotContain("5562999212484");
    assertThat(ErasedPerson.fromJson(key.open(sealed))).isEqualTo(person);
    assertThatThrownBy(() -> new ErasureKey("another-secret-of-length").open(sealed))
        .isInstanceOf(GeneralSecurityException.class);
    assertThatThrownBy(() -> key.open(new byte[3])).isInstanceOf(GeneralSecurityException.class);
  }

  @Test
  void aSecretThatIsTooShortIsNamedAndNotShown() {
    assertThatThrownBy(() -> new ErasureKey("tooshort"))
        .hasMessageContaining("profile-pic.erasure.key")
        .hasMessageContaining("PROFILE_PIC_ERASURE_KEY")
        .hasMessageNotContaining("tooshort");
  }
}
