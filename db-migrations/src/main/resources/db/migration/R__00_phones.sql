-- Functions that decide whether two spellings of a phone number mean the same number. They are pure. The
-- receiver's libphonenumber reads the text that people write.

-- The last eight digits: the same for all spellings of a number, with and without country code, area code or
-- the mobile prefixes of Brazil, Mexico and Argentina (its 15 only in Buenos Aires). These digits only find
-- candidates. Null for less than eight digits.
CREATE OR REPLACE FUNCTION profile_pic.phone_suffix(phone text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  digits text := regexp_replace(phone, '[^0-9]', '', 'g');
BEGIN
  RETURN CASE WHEN length(digits) >= 8 THEN right(digits, 8) END;
END
$$;

-- The digits of a phone in a person's spelling.
CREATE OR REPLACE FUNCTION profile_pic.phone_digits(phone text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  RETURN regexp_replace(phone, '[^0-9]', '', 'g');
END
$$;

-- The international digits under which WhatsApp may know a number, the given digits first: with and without
-- Brazil's ninth digit (55 62 [9] 9921 2484; only where the number had eight digits before the ninth was
-- introduced, and no area code has a zero), Mexico's 1 (52 [1] 55 1234 5678) and Argentina's 9
-- (54 [9] 11 2233 4455). PhoneNumber in Java and phoneVariants in the bridge have the same rule, and
-- phone-cases.json has the cases that all three are tested with.
CREATE OR REPLACE FUNCTION profile_pic.phone_variants(phone text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
  WHEN phone ~ '^55[1-9][1-9]9[6-9][0-9]{7}$' THEN ARRAY[phone, left(phone, 4) || right(phone, 8)]
  WHEN phone ~ '^55[1-9][1-9][6-9][0-9]{7}$' THEN ARRAY[phone, left(phone, 4) || '9' || right(phone, 8)]
  WHEN phone ~ '^521[0-9]{10}$' THEN ARRAY[phone, '52' || right(phone, 10)]
  WHEN phone ~ '^52[0-9]{10}$' THEN ARRAY[phone, '521' || right(phone, 10)]
  WHEN phone ~ '^549[0-9]{10}$' THEN ARRAY[phone, '54' || right(phone, 10)]
  WHEN phone ~ '^54[0-9]{10}$' THEN ARRAY[phone, '549' || right(phone, 10)]
  ELSE ARRAY[phone] END;

-- The digits that a phone may be written with: as it stands and in its variants; without the zeros that
-- people dial first, also in brackets behind the country code (+55 (062) ...), and without the carrier's code
-- behind them (0 15 62 ...); an Argentine number also with a 15 behind its area code, which has two to four
-- digits.
CREATE OR REPLACE FUNCTION profile_pic.written_forms(phone text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT ARRAY[
      w.digits,
      CASE WHEN w.digits ~ '^0[1-9][0-9][1-9][1-9][0-9]{8,9}$' THEN substr(w.digits, 4)
           ELSE w.digits END]
    || profile_pic.phone_variants(n.digits)
    || CASE WHEN n.digits ~ '^549?[0-9]{10}$' THEN ARRAY(
         SELECT '54' || left(right(n.digits, 10), area) || '15' || right(n.digits, 10 - area)
         FROM generate_series(2, 4) AS area) END
  FROM (SELECT profile_pic.phone_digits(phone) AS digits) AS w,
    (SELECT profile_pic.phone_digits(regexp_replace(phone, '^[^0-9]*0+|[(]0+', '', 'g')) AS digits) AS n
$$;

-- Whether one of these phones is written like the other, or like its end: without country code or area code.
CREATE OR REPLACE FUNCTION profile_pic.are_written_alike(one text, other text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT EXISTS (
    SELECT FROM unnest(profile_pic.written_forms(one)) AS a (digits),
      unnest(profile_pic.written_forms(other)) AS b (digits)
    WHERE length(a.digits) >= 8 AND length(b.digits) >= 8
      AND (a.digits LIKE '%' || b.digits OR b.digits LIKE '%' || a.digits))
$$;

-- Whether two spellings of a phone mean one number. Null when one of them has less than eight digits and they
-- are not equal. Most numbers are different, and their last six digits show it.
CREATE OR REPLACE FUNCTION profile_pic.same_phone(one text, other text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  RETURN one = other OR (
    right(profile_pic.phone_suffix(one), 6) = right(profile_pic.phone_suffix(other), 6)
    AND profile_pic.are_written_alike(one, other));
END
$$;

DROP FUNCTION IF EXISTS profile_pic.phone_key(text);

-- Whether a phone belongs to the person with these numbers, for erasing and exporting: others' data must not
-- be taken for theirs. A number without area code is the end of many people's numbers, so it only is the same
-- row of digits. A row of one digit, such as zeros, is nobody's number.
CREATE OR REPLACE FUNCTION profile_pic.is_among(phone text, numbers text[]) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  number text;
  digits text;
BEGIN
  FOREACH number IN ARRAY numbers LOOP
    -- Most numbers are different, and their last digits show it.
    IF right(phone, 4) = right(number, 4) OR phone ~ '[^0-9]' OR number ~ '[^0-9]' THEN
      digits := profile_pic.phone_digits(number);
      IF length(digits) >= 8 AND translate(digits, left(digits, 1), '') <> ''
        AND (length(digits) >= 10 AND coalesce(profile_pic.same_phone(phone, number), false)
          OR profile_pic.phone_digits(phone) = digits)
      THEN
        RETURN true;
      END IF;
    END IF;
  END LOOP;
  RETURN false;
END
$$;

-- The variants of these numbers. Only whole numbers are taken: a longer row of digits does not contain one by
-- chance.
CREATE OR REPLACE FUNCTION profile_pic.spellings(numbers text[]) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(array_agg(DISTINCT v.digits), '{}')
  FROM unnest(numbers) AS n (number)
  CROSS JOIN LATERAL unnest(profile_pic.phone_variants(profile_pic.phone_digits(n.number))) AS v (digits)
  WHERE length(v.digits) >= 11 AND translate(v.digits, left(v.digits, 1), '') <> ''
$$;

-- Whether a text may be a LID. LIDs have 13 to 15 digits; a much shorter row of digits stands in texts about
-- other people by chance.
CREATE OR REPLACE FUNCTION profile_pic.is_lid(lid text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  RETURN length(lid) >= 8 AND length(lid) <= 25 AND lid !~ '[^0-9]';
END
$$;

-- Whether a text contains one of these phones, in any spelling, or one of these LIDs as a whole row of
-- digits.
CREATE OR REPLACE FUNCTION profile_pic.mentions(written text, numbers text[], lids text[]) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  run_together text := translate(written, ' ()-./+', '');
  number       text;
  lid          text;
BEGIN
  FOREACH lid IN ARRAY lids LOOP
    -- The digits of an escaped character, in JSON or in bytes written as text, are no part of a row.
    IF position(lid IN written) > 0 AND profile_pic.is_lid(lid)
      AND regexp_replace(
        written, E'[\\\\](u[0-9a-fA-F][0-9a-fA-F][0-9a-fA-F][0-9a-fA-F]|[0-7][0-7][0-7])', ' ', 'g')
        ~ ('(^|[^0-9])' || lid || '($|[^0-9])')
    THEN
      RETURN true;
    END IF;
  END LOOP;
  FOREACH number IN ARRAY numbers LOOP
    IF position(profile_pic.phone_suffix(number) IN run_together) > 0 THEN
      -- A phone may stand in a row with other figures, such as a time behind it.
      RETURN EXISTS (
        SELECT FROM regexp_matches(written, '[0-9][0-9 ()./+-]{6,40}', 'g') AS m (found)
        WHERE profile_pic.is_among(m.found[1], numbers)
          OR EXISTS (
            SELECT FROM unnest(profile_pic.spellings(numbers)) AS s (digits)
            WHERE position(s.digits IN profile_pic.phone_digits(m.found[1])) > 0));
    END IF;
  END LOOP;
  RETURN false;
END
$$;
