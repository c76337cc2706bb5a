COMMENT ON COLUMN profile_pic.pictures.sha256 IS
  'Hex digest of the bytes that were downloaded, by which a picture is known again; what is kept of them is under storage_key';
